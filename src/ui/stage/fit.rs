//! Which drawing fits, and how large it is shown. Type grows with the stage and never shrinks.

use crate::simulation::Scenario;
use crate::ui::scene::{Form, Layout};

/// How far the stage is zoomed, largest first.
const ZOOMS: [f32; 6] = [2.56, 2.0, 1.6, 1.28, 1.14, 1.0];

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub form: Form,
    pub zoom: f32,
    /// The height that the drawing fills, before it is zoomed; 0 if it has its own.
    pub height: f32,
}

impl Fit {
    /// The natural size of the design.
    pub const PLAIN: Fit = Fit { form: Form::Wide, zoom: 1.0, height: 0.0 };

    /// The best drawing for a box of this size. The widest one that fits as a whole wins; if none
    /// does, the widest that fits across, and the rest is scrolled to.
    pub fn of(scenario: &Scenario, width: f32, height: f32) -> Fit {
        for form in [Form::Wide, Form::Medium] {
            if let Some(zoom) = whole(scenario, form, width, height) {
                return Fit { form, zoom, height: height / zoom };
            }
        }
        let across = |form: &Form| form.width() <= width;
        let form = [Form::Medium, Form::Phone].into_iter().find(across);
        let form = form.unwrap_or(Form::Narrow);
        let zoom = ZOOMS.into_iter().find(|zoom| *zoom <= 1.28 && form.width() * zoom <= width);
        Fit { form, zoom: zoom.unwrap_or(1.0), height: 0.0 }
    }

    /// The layout of the drawing.
    pub fn layout(self, scenario: &Scenario) -> Layout {
        Layout::filling(scenario, self.form, self.height)
    }

    /// The drawing that is largest as a whole, at just that size: read from the back of a room.
    pub fn wall(scenario: &Scenario, width: f32, height: f32) -> Fit {
        let fits = [Form::Wide, Form::Medium].map(|form| {
            let layout = Layout::new(scenario, form);
            let zoom = (width / layout.width).min(height / layout.height);
            Fit { form, zoom, height: height / zoom }
        });
        if fits[0].zoom > fits[1].zoom { fits[0] } else { fits[1] }
    }

    /// The low drawing, as large as it fits; what is wider is scrolled to.
    pub fn strip(scenario: &Scenario, width: f32, height: f32) -> Fit {
        let zoom = whole(scenario, Form::Strip, width, height);
        Fit { form: Form::Strip, zoom: zoom.unwrap_or(1.0), height: 0.0 }
    }

    /// The same drawing in a box of another height: what is looked at stays where it was.
    pub fn keep(self, scenario: &Scenario, width: f32, height: f32) -> Fit {
        match whole(scenario, self.form, width, height) {
            Some(zoom) => Fit { zoom, height: height / zoom, ..self },
            None => self,
        }
    }
}

/// The largest zoom at which a whole drawing fits.
fn whole(scenario: &Scenario, form: Form, width: f32, height: f32) -> Option<f32> {
    let layout = Layout::new(scenario, form);
    let fits = |zoom: &f32| layout.width * zoom <= width && layout.height * zoom <= height;
    ZOOMS.into_iter().find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::model::embedded;

    #[test]
    fn the_shop_has_a_drawing_for_every_screen() {
        let shop = embedded("shop").expect("the shop is embedded");
        let fit = |width, height| Fit::of(&shop, width, height);
        let plain = |form, height| Fit { form, zoom: 1.0, height };
        assert_eq!(fit(760.0, 728.0), plain(Form::Wide, 728.0));
        assert_eq!(fit(704.0, 596.0), plain(Form::Medium, 596.0));
        assert_eq!(fit(390.0, 460.0).form, Form::Phone);
        assert_eq!(fit(320.0, 400.0), plain(Form::Narrow, 0.0));
        let low = fit(760.0, 728.0).keep(&shop, 760.0, 400.0);
        assert_eq!(low, plain(Form::Wide, 728.0), "it is scrolled");
        let huge = fit(3_000.0, 1_900.0);
        assert!(huge.form == Form::Wide && huge.zoom > 2.0);
    }
}
