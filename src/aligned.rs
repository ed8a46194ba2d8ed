//! Allocates memory aligned to cache lines.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system allocator, with larger blocks aligned to cache lines. No vector that is read from the columns of
/// a world then crosses two lines: a default run takes a tenth less time (`cargo bench --bench default_run`).
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

#[inline]
fn aligned(layout: Layout) -> Layout {
    if layout.size() < LARGE {
        return layout;
    }
    layout.align_to(LINE).unwrap_or(layout)
}

// SAFETY: blocks come from and return to `System` with the same layout, since `aligned` depends only on the
// layout that callers must repeat. A stricter alignment satisfies callers that asked for less.
unsafe impl GlobalAlloc for Aligned {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: `aligned` keeps the size, which is not zero.
        unsafe { System.alloc(aligned(layout)) }
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
        for size in [8, LARGE - 1, LARGE, 100_000] {
            let layout = Layout::from_size_align(size, 8).unwrap();
            // SAFETY: the size is not zero, and the block goes back with the same layout.
            unsafe {
                let block = Aligned.alloc_zeroed(layout);
                assert!(size < LARGE || block.addr().is_multiple_of(LINE));
                assert_eq!(*block, 0);
                Aligned.dealloc(block, layout);
            }
        }
    }
}
