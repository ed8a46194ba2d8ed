//! Allocates memory aligned to cache lines, and large blocks in huge pages.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system allocator, with larger blocks aligned to cache lines. No vector that is read from the columns of
/// a world then crosses two lines: a default run takes a tenth less time (`cargo bench --bench default_run`).
/// Very large blocks, the columns of thousands of participants, request huge pages: the kernel then maps them in a
/// few page faults instead of hundreds of thousands.
/// Results do not depend on it; programs that simulate much may use it as their global allocator.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: conviction::Aligned = conviction::Aligned;
/// # fn main() {}
/// ```
pub struct Aligned;

/// Size in bytes of a cache line, and of the widest vector.
const LINE: usize = 64;

/// Smallest block to align, in bytes.
const LARGE: usize = 1024;

/// Size of a huge page, bytes.
const HUGE_PAGE: usize = 1 << 21;

/// Minimum size of blocks in huge pages, bytes: the unused part of the last page is then small.
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

/// Requests huge pages for a new block, if it is very large.
#[inline]
fn ask_for_huge_pages(block: *mut u8, size: usize) {
    if size >= VAST && !block.is_null() {
        advise(block, size);
    }
}

#[cfg(all(feature = "files", target_os = "linux"))]
#[cold]
fn advise(block: *mut u8, size: usize) {
    use rustix::mm::{Advice, madvise};
    // SAFETY: the advice changes no byte of the block. A kernel without huge pages refuses it, which does no harm.
    let _ = unsafe { madvise(block.cast(), size, Advice::LinuxHugepage) };
}

#[cfg(not(all(feature = "files", target_os = "linux")))]
fn advise(_block: *mut u8, _size: usize) {}

// SAFETY: blocks come from and return to `System` with the same layout, since `aligned` depends only on the
// layout that callers must repeat. A stricter alignment satisfies callers that asked for less.
unsafe impl GlobalAlloc for Aligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: `aligned` keeps the size, which is not zero.
        let block = unsafe { System.alloc(aligned(layout)) };
        ask_for_huge_pages(block, layout.size());
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() < VAST {
            // SAFETY: `aligned` keeps the size, which is not zero.
            return unsafe { System.alloc_zeroed(aligned(layout)) };
        }
        // SAFETY: the caller's promise about the layout holds for both; a block that exists has its size.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
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
