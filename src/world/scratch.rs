//! Buffers that are used again and again, so that a day allocates nothing.

/// The first `count` places of a buffer; what they hold is left over from before.
#[inline]
pub fn sized<T: Copy + Default>(buffer: &mut Vec<T>, count: usize) -> &mut [T] {
    if buffer.len() < count {
        buffer.resize(count, T::default());
    }
    &mut buffer[..count]
}
