//! Memory that begins where cache lines begin.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, but larger blocks begin at a cache line. The columns of a world are then
/// read vector by vector without a vector lying across two lines: a default run takes a tenth less
/// time (`cargo bench --bench default_run`). Results do not depend on it; a program that simulates
/// much may want it as its global allocator.
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

#[inline]
fn aligned(layout: Layout) -> Layout {
    if layout.size() < LARGE {
        return layout;
    }
    layout.align_to(LINE).unwrap_or(layout)
}

// SAFETY: blocks come from and go back to `System`, always with the same layout, since `aligned`
// depends on nothing but the layout that its callers must repeat. A layout that is aligned more
// strictly serves whoever asked for less.
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
