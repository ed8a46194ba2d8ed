//! Stores rows whose changes can be undone: only rows that an event touches are copied.

/// List of rows. [`Undoable::keep`] makes changes final.
#[derive(Clone, Debug)]
pub struct Undoable<T> {
    rows: Vec<T>,
    /// Last event that changed each row.
    changed: Vec<u64>,
    /// Number of the current event.
    event: u64,
    /// Rows before the current event.
    before: Vec<(usize, T)>,
}

impl<T> Default for Undoable<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            changed: Vec::new(),
            event: 1,
            before: Vec::new(),
        }
    }
}

impl<T: Clone> Undoable<T> {
    /// Returns all rows.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Returns a row for changing.
    pub fn change(&mut self, index: usize) -> &mut T {
        let row = &mut self.rows[index];
        if self.changed[index] != self.event {
            self.changed[index] = self.event;
            self.before.push((index, row.clone()));
        }
        row
    }

    /// Adds a row; undoing keeps it.
    pub fn push(&mut self, row: T) {
        self.rows.push(row);
        self.changed.push(0);
    }

    /// Adds rows up to a length; undoing keeps them.
    pub fn grow_to(&mut self, length: usize)
    where
        T: Default,
    {
        while self.rows.len() < length {
            self.push(T::default());
        }
    }

    /// Makes the changes final.
    pub fn keep(&mut self) {
        self.before.clear();
        self.event += 1;
    }

    /// Undoes the changes.
    pub fn undo(&mut self) {
        for (index, row) in self.before.drain(..) {
            self.rows[index] = row;
        }
        self.event += 1;
    }
}
