//! A function of ours that the browser calls later, at most once for each time it is asked.
//!
//! It lives as long as the page, so a call that comes after it was cancelled finds it there and
//! does nothing. A closure for each frame would be gone by then.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

#[derive(Default)]
pub struct Callback {
    asked: Rc<Cell<bool>>,
    function: OnceCell<Closure<dyn FnMut(f64)>>,
}

impl Callback {
    /// Asks for one call of `call`, unless one is asked for already. What is called is what was
    /// given at the first time.
    pub fn ask(&self, mut call: impl FnMut(f64) + 'static, schedule: impl FnOnce(&Function)) {
        if self.asked.replace(true) {
            return;
        }
        let asked = self.asked.clone();
        let function = self.function.get_or_init(|| {
            Closure::new(move |now| {
                if asked.take() {
                    call(now);
                }
            })
        });
        schedule(function.as_ref().unchecked_ref());
    }

    /// Makes the call that was asked for do nothing.
    pub fn cancel(&self) {
        self.asked.set(false);
    }
}
