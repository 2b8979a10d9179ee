//! What has to be drawn again after something happened.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Redraw {
    #[default]
    None,
    Panels,
    Stage,
    Both,
}

impl Redraw {
    pub fn and(self, other: Redraw) -> Redraw {
        match (
            self.panels() || other.panels(),
            self.stage() || other.stage(),
        ) {
            (false, false) => Redraw::None,
            (true, false) => Redraw::Panels,
            (false, true) => Redraw::Stage,
            (true, true) => Redraw::Both,
        }
    }

    pub fn panels(self) -> bool {
        matches!(self, Redraw::Panels | Redraw::Both)
    }

    pub fn stage(self) -> bool {
        matches!(self, Redraw::Stage | Redraw::Both)
    }
}
