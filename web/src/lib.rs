//! The page's face of the library, as a WebAssembly module without imports: converts what the page asks and gets, and
//! nothing else.
//!
//! Plain entries, so that any host can call them; requests and replies are JSON, columns and fans plain numbers:
//!
//! 1. [`request`] gives room for a request of so many bytes, UTF-8, which the host writes there.
//! 2. [`answer`] does what it says ([`face::Request`]), and returns the length of the reply, which begins at [`reply`].
//! 3. If the reply has the key `numbers`, [`numbers`] points at as many 64-bit floats.
//!
//! Pointers hold until the next call. A panic traps; [`last_words`] then says what went wrong, and the host must start
//! a new instance.

mod describe;
mod face;
mod faults;
mod meaning;
mod session;

use face::Face;
use std::cell::RefCell;

thread_local! {
    static FACE: RefCell<Face> = RefCell::new(Face::default());
    static REQUEST: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static REPLY: RefCell<String> = const { RefCell::new(String::new()) };
    static LAST_WORDS: RefCell<String> = const { RefCell::new(String::new()) };
}

// SAFETY (of the names below): no library that this module links defines a symbol of one of these names.

/// Room for a request of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn request(bytes: usize) -> *mut u8 {
    REQUEST.with_borrow_mut(|request| {
        request.clear();
        request.resize(bytes, 0);
        request.as_mut_ptr()
    })
}

/// Answers the request; returns the length of the reply in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    std::panic::set_hook(Box::new(|panic| {
        LAST_WORDS.with_borrow_mut(|words| *words = panic.to_string());
    }));
    let reply = REQUEST.with_borrow(|request| FACE.with_borrow_mut(|face| face.answer(request)));
    REPLY.with_borrow_mut(|last| {
        *last = reply;
        last.len()
    })
}

/// The reply, UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn reply() -> *const u8 {
    REPLY.with_borrow(|reply| reply.as_ptr())
}

/// The numbers that the reply speaks of.
#[unsafe(no_mangle)]
pub extern "C" fn numbers() -> *const f64 {
    FACE.with_borrow(|face| face.numbers.as_ptr())
}

/// Copies the message of a panic to the start of the replies after a trap, and returns its length in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn last_words() -> usize {
    let words = LAST_WORDS.with_borrow(String::clone);
    REPLY.with_borrow_mut(|last| {
        *last = words;
        last.len()
    })
}
