//! What a process remembers of the database: values that never change under their version.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps of each type the value of one version.
#[derive(Debug, Default)]
pub struct Memo(Mutex<HashMap<TypeId, Kept>>);

type Kept = (i64, Arc<dyn Any + Send + Sync>);

impl Memo {
    /// The value of this version, if it is the one that is kept.
    pub fn get<T: Any + Send + Sync>(&self, version: i64) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, value) = kept.get(&TypeId::of::<T>())?;
        if *of != version {
            return None;
        }
        Arc::clone(value).downcast().ok()
    }

    /// Keeps a value that is committed, unless a newer version of it is kept already.
    pub fn keep<T: Any + Send + Sync>(&self, version: i64, value: &Arc<T>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.get(&TypeId::of::<T>()).map(|(of, _)| *of);
        if known.is_none_or(|known| known < version) {
            let value: Arc<dyn Any + Send + Sync> = Arc::clone(value) as _;
            kept.insert(TypeId::of::<T>(), (version, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_version_is_remembered() {
        let memo = Memo::default();
        memo.keep(2, &Arc::new("two"));
        memo.keep(1, &Arc::new("one"));
        assert_eq!(memo.get::<&str>(2).as_deref(), Some(&"two"));
        assert_eq!(memo.get::<&str>(1), None);
        memo.keep(3, &Arc::new("three"));
        assert_eq!(memo.get::<&str>(2), None);
        assert_eq!(memo.get::<u8>(3), None);
    }
}
