//! The settings of a service or topic that a hand can change, one row each.

use yew::Callback;

use crate::ui::model::Msg;
use crate::ui::parts::{Node, choice, fragment, text};
use crate::ui::view::SettingRow;

use super::fold;

pub fn changes(rows: &[SettingRow], send: &Callback<Msg>) -> Option<Node> {
    let row = |(index, row): (usize, &SettingRow)| {
        let words = row.values.iter().enumerate();
        let options = words.map(|(at, (words, _))| (words.clone(), row.holds == Some(at)));
        let commands: Vec<_> = row.values.iter().map(|(_, command)| command.clone()).collect();
        let choose = send.reform(move |at: usize| Msg::Command(commands[at].clone()));
        let part = (!row.part.is_empty()).then(|| text("p.faults-note", &row.part));
        let id = format!("setting-{index}");
        fragment().child(part).child(choice(&id, &row.name, options.collect(), &choose))
    };
    let rows = rows.iter().enumerate().map(row);
    (rows.len() > 0).then(|| fold("Settings", "what it is told").children(rows))
}
