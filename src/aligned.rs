//! Memory that begins where cache lines begin, in large pages where it is much.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, but larger blocks begin at a cache line. The columns of a world are then
/// read vector by vector without a vector lying across two lines: a default run takes a tenth less
/// time (`cargo bench --bench default_run`). Results do not depend on it; a program that simulates
/// much may want it as its global allocator. Vast blocks, the columns of thousands of participants, ask for huge
/// pages: the kernel then hands them out in a few faults instead of hundreds of thousands, and finds them faster.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: conviction::Aligned = conviction::Aligned;
/// # fn main() {}
/// ```
pub struct Aligned;

/// Bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// Blocks of fewer bytes keep their alignment.
const LARGE: usize = 1024;

/// Bytes of a huge page.
const HUGE_PAGE: usize = 1 << 21;

/// Blocks of at least as many bytes lie in huge pages: the last one, which is seldom full, is then little of all.
const VAST: usize = 8 * HUGE_PAGE;

#[inline]
fn aligned(layout: Layout) -> Layout {
    let line = match layout.size() {
        VAST.. => HUGE_PAGE,
        LARGE.. => LINE,
        _ => return layout,
    };
    layout.align_to(line).unwrap_or(layout)
}

/// Asks for huge pages for a block that `alloc` gave, if it is vast.
#[inline]
fn ask_for_huge_pages(block: *mut u8, size: usize) {
    if size >= VAST && !block.is_null() {
        advise(block, size);
    }
}

#[cfg(target_os = "linux")]
#[cold]
fn advise(block: *mut u8, size: usize) {
    use rustix::mm::{Advice, madvise};
    // SAFETY: the advice changes no byte of a block that is the caller's. A kernel without huge pages refuses it,
    // and the block is as good as before.
    let _ = unsafe { madvise(block.cast(), size, Advice::LinuxHugepage) };
}

#[cfg(not(target_os = "linux"))]
fn advise(_block: *mut u8, _size: usize) {}

// SAFETY: blocks come from and go back to `System`, always with the same layout, since `aligned`
// depends on nothing but the layout that its callers must repeat. A layout that is aligned more
// strictly serves whoever asked for less.
unsafe impl GlobalAlloc for Aligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: `aligned` keeps the size, which is not zero.
        let block = unsafe { System.alloc(aligned(layout)) };
        ask_for_huge_pages(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: `aligned` keeps the size, which is not zero.
        unsafe { System.alloc_zeroed(aligned(layout)) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block was allocated with the same layout.
        unsafe { System.dealloc(block, aligned(layout)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_blocks_begin_at_a_line() {
        for size in [8, LARGE - 1, LARGE, 100_000, VAST] {
            let layout = Layout::from_size_align(size, 8).unwrap();
            // SAFETY: the size is not zero, and the block goes back with the same layout.
            unsafe {
                let block = Aligned.alloc_zeroed(layout);
                assert!(size < LARGE || block.addr().is_multiple_of(LINE));
                assert!(size < VAST || block.addr().is_multiple_of(HUGE_PAGE));
                assert_eq!(*block, 0);
                Aligned.dealloc(block, layout);
            }
        }
    }
}
