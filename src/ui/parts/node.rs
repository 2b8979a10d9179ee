//! The nodes of the page: `el("p.note").child("Nothing waits.")`.
//!
//! What is said of a node is a call, and what the calls do is in the page once. The `html!` of Yew
//! writes out the making of an element wherever one stands, which weighs several times as much.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, InputEvent, KeyboardEvent, MouseEvent};
use yew::html::BaseComponent;
use yew::virtual_dom::{Key, Listener, ListenerKind, VChild, VList, VNode, VTag, VText};
use yew::{AttrValue, Callback, Html, NodeRef};

use crate::ui::model::Msg;

/// An element with all that is in it, a component, or several of these in a row. It is one pointer
/// wide, because it is handed on at every call.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a node shows only when it is put into another one"]
pub struct Node(Box<Html>);

/// An element by the name of its tag, and after a dot its class: `div.card`.
#[inline(never)]
pub fn el(name: &'static str) -> Node {
    let (tag, class) = name.split_once('.').unwrap_or((name, ""));
    Node(Box::new(VTag::new(tag).into())).class(class)
}

/// An element with nothing but words in it.
#[inline(never)]
pub fn text(name: &'static str, words: impl Words) -> Node {
    el(name).child(words)
}

/// Nodes in a row without an element around them; all else that is said of it is lost.
#[inline(never)]
pub fn fragment() -> Node {
    Node(Box::new(VList::new().into()))
}

pub fn component<C: BaseComponent>(props: C::Properties) -> Node {
    Node(Box::new(VChild::<C>::new(props, None).into()))
}

/// What stands in the field that was typed into.
pub fn typed(event: &InputEvent) -> String {
    // A text area has its text where an input has its value.
    let field = event.target().map(JsCast::unchecked_into::<HtmlInputElement>);
    field.map(|field| field.value()).unwrap_or_default()
}

impl Node {
    /// Adds a child at the end. One that is absent keeps its place, so that Yew does not take the
    /// next for it.
    pub fn child(self, child: impl Content) -> Node {
        child.put_into(self)
    }

    /// Adds children as one child: a row of its own, whose keys are apart from its neighbours'.
    pub fn children<C: Content>(self, children: impl IntoIterator<Item = C>) -> Node {
        self.child(children.into_iter().fold(fragment(), Node::child))
    }

    #[inline(never)]
    fn push(mut self, child: Html) -> Node {
        match &mut *self.0 {
            VNode::VTag(tag) => Rc::make_mut(tag).add_child(child),
            row => row.to_vlist_mut().add_child(child),
        }
        self
    }

    /// Sets an attribute; words that are absent set none.
    #[inline(never)]
    pub fn attr(mut self, name: &'static str, value: impl Words) -> Node {
        if let (Some(tag), Some(value)) = (self.tag(), value.words()) {
            tag.add_attribute(name, value);
        }
        self
    }

    /// Sets an attribute that is its own value, as `disabled`.
    pub fn flag(self, name: &'static str, holds: bool) -> Node {
        self.attr(name, holds.then_some(name))
    }

    /// Adds a class to those that are there.
    #[inline(never)]
    pub fn class(mut self, class: impl Words) -> Node {
        let class = class.words().filter(|class| !class.is_empty());
        if let (Some(tag), Some(mut class)) = (self.tag(), class) {
            if let Some((_, before)) = tag.attributes.iter().find(|(name, _)| *name == "class") {
                class = [before, " ", &*class].concat().into();
            }
            tag.add_attribute("class", class);
        }
        self
    }

    #[inline(never)]
    pub fn class_if(self, holds: bool, class: &'static str) -> Node {
        if holds { self.class(class) } else { self }
    }

    /// What it is called for those who do not see it.
    #[inline(never)]
    pub fn label(self, name: impl Words) -> Node {
        self.attr("aria-label", name)
    }

    #[inline(never)]
    pub fn role(self, role: &'static str) -> Node {
        self.attr("role", role)
    }

    /// Makes it a part of the page that has a name and that keys can scroll.
    #[inline(never)]
    pub fn region(self, name: impl Words) -> Node {
        self.attr("tabindex", "0").role("region").label(name)
    }

    #[inline(never)]
    pub fn style(self, style: String) -> Node {
        self.attr("style", style)
    }

    /// Tells it from its neighbours when they change places.
    pub fn key(mut self, key: impl Into<Key>) -> Node {
        if let Some(tag) = self.tag() {
            tag.key = Some(key.into());
        }
        self
    }

    /// Where its element can be found once it is on the page.
    pub fn node_ref(mut self, node: &NodeRef) -> Node {
        if let Some(tag) = self.tag() {
            tag.node_ref = node.clone();
        }
        self
    }

    /// What an `input` holds now; as an attribute it would be what it holds at first.
    #[inline(never)]
    pub fn value(mut self, value: String) -> Node {
        if let Some(tag) = self.tag() {
            tag.set_value(Some(AttrValue::from(value)));
        }
        self
    }

    /// Whether an `input` is checked now.
    #[inline(never)]
    pub fn checked(mut self, checked: bool) -> Node {
        if let Some(tag) = self.tag() {
            tag.set_checked(checked);
        }
        self
    }

    /// Asks for something when it is pressed.
    #[inline(never)]
    pub fn press(self, send: &Callback<Msg>, msg: Msg) -> Node {
        self.onclick(send.reform(move |_| msg.clone()))
    }

    pub fn onclick(self, callback: impl Into<Callback<MouseEvent>>) -> Node {
        self.on(|| ListenerKind::onclick, callback.into())
    }

    pub fn onmousemove(self, callback: impl Into<Callback<MouseEvent>>) -> Node {
        self.on(|| ListenerKind::onmousemove, callback.into())
    }

    pub fn onmouseout(self, callback: impl Into<Callback<MouseEvent>>) -> Node {
        self.on(|| ListenerKind::onmouseout, callback.into())
    }

    pub fn oninput(self, callback: impl Into<Callback<InputEvent>>) -> Node {
        self.on(|| ListenerKind::oninput, callback.into())
    }

    pub fn onchange(self, callback: impl Into<Callback<Event>>) -> Node {
        self.on(|| ListenerKind::onchange, callback.into())
    }

    pub fn onkeydown(self, callback: impl Into<Callback<KeyboardEvent>>) -> Node {
        self.on(|| ListenerKind::onkeydown, callback.into())
    }

    /// Hears of all that a mouse, a pen or a finger does to it.
    pub fn ondrag(self, callback: &Callback<Event>) -> Node {
        let kinds: [fn() -> ListenerKind; 5] = [
            || ListenerKind::onpointerdown,
            || ListenerKind::onpointermove,
            || ListenerKind::onpointerup,
            || ListenerKind::onpointercancel,
            || ListenerKind::ontouchstart,
        ];
        kinds.into_iter().fold(self, |node, kind| node.on(kind, callback.clone()))
    }

    pub fn oncancel(self, callback: impl Into<Callback<Event>>) -> Node {
        self.on(|| ListenerKind::oncancel, callback.into())
    }

    #[inline(never)]
    fn on<E: JsCast + 'static>(
        mut self,
        kind: fn() -> ListenerKind,
        callback: Callback<E>,
    ) -> Node {
        if let Some(tag) = self.tag() {
            tag.add_listener(Rc::new(On { kind, callback }));
        }
        self
    }

    #[inline(never)]
    fn tag(&mut self) -> Option<&mut VTag> {
        match &mut *self.0 {
            VNode::VTag(tag) => Some(Rc::make_mut(tag)),
            _ => None,
        }
    }
}

impl From<Node> for Html {
    fn from(node: Node) -> Html {
        *node.0
    }
}

struct On<E> {
    /// Made anew each time: a copy would be a choice among all events that there are.
    kind: fn() -> ListenerKind,
    callback: Callback<E>,
}

impl<E: JsCast + 'static> Listener for On<E> {
    fn kind(&self) -> ListenerKind {
        (self.kind)()
    }

    fn handle(&self, event: Event) {
        self.callback.emit(event.unchecked_into());
    }

    fn passive(&self) -> bool {
        false
    }
}

/// What can be the text of a node or the value of an attribute.
pub trait Words {
    fn words(self) -> Option<AttrValue>;
}

impl Words for &'static str {
    fn words(self) -> Option<AttrValue> {
        Some(self.into())
    }
}

impl Words for String {
    fn words(self) -> Option<AttrValue> {
        Some(self.into())
    }
}

impl Words for &String {
    fn words(self) -> Option<AttrValue> {
        Some(Rc::<str>::from(self.as_str()).into())
    }
}

impl Words for &Rc<str> {
    fn words(self) -> Option<AttrValue> {
        Some(self.clone().into())
    }
}

impl Words for &AttrValue {
    fn words(self) -> Option<AttrValue> {
        Some(self.clone())
    }
}

impl Words for bool {
    fn words(self) -> Option<AttrValue> {
        if self { "true" } else { "false" }.words()
    }
}

impl<W: Words> Words for Option<W> {
    fn words(self) -> Option<AttrValue> {
        self?.words()
    }
}

/// What can be in a node: words, another node, or one that may be absent.
pub trait Content {
    fn put_into(self, parent: Node) -> Node;
}

impl<W: Words> Content for W {
    #[inline(never)]
    fn put_into(self, parent: Node) -> Node {
        parent.push(self.words().map_or_else(VNode::default, |words| VText::new(words).into()))
    }
}

impl Content for Node {
    #[inline(never)]
    fn put_into(self, parent: Node) -> Node {
        parent.push(self.into())
    }
}

impl Content for Option<Node> {
    #[inline(never)]
    fn put_into(self, parent: Node) -> Node {
        self.unwrap_or_else(fragment).put_into(parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(node: &mut Node) -> &VTag {
        node.tag().expect("an element")
    }

    fn attributes(mut node: Node) -> Vec<String> {
        let written =
            tag(&mut node).attributes.iter().map(|(name, value)| format!("{name}={value}"));
        written.collect()
    }

    fn children(mut node: Node) -> Vec<Html> {
        match tag(&mut node).children() {
            Some(VNode::VList(list)) => list.to_vec(),
            other => panic!("the children are a list, not {other:?}"),
        }
    }

    #[test]
    fn a_name_is_a_tag_and_a_class_and_other_classes_join_it() {
        let mut node = el("button.btn").class("primary").class("").class_if(false, "small");
        assert_eq!(tag(&mut node).tag(), "button");
        assert_eq!(attributes(node), ["class=btn primary"]);
        assert_eq!(attributes(el("b").class("")), [""; 0]);
    }

    #[test]
    fn what_is_absent_sets_nothing_and_keeps_its_place() {
        let node =
            el("a").attr("href", None::<String>).flag("hidden", false).flag("download", true);
        assert_eq!(attributes(node), ["download=download"]);
        let parts = children(el("p").child("one").child(None::<Node>).child(text("b", "three")));
        assert!(matches!(&parts[0], VNode::VText(words) if &*words.text == "one"));
        assert!(matches!(&parts[1], VNode::VList(list) if list.is_empty()));
        assert!(matches!(&parts[2], VNode::VTag(tag) if tag.tag() == "b"));
    }

    #[test]
    fn several_children_are_one_row_with_keys_of_its_own() {
        let rows = (0..3u32).map(|row| el("li").key(row));
        let list = children(el("ul").child(text("li", "head")).children(rows));
        let VNode::VList(rows) = &list[1] else { panic!("a row of nodes, not {:?}", list[1]) };
        assert_eq!((list.len(), rows.len()), (2, 3));
        assert!(rows.iter().all(VNode::has_key));
    }

    #[test]
    fn what_an_input_holds_is_no_attribute() {
        let mut node = el("input").attr("type", "radio").value("a".to_owned()).checked(true);
        assert_eq!(tag(&mut node).value().map(AttrValue::as_str), Some("a"));
        assert_eq!(tag(&mut node).checked(), Some(true));
        assert_eq!(attributes(node), ["type=radio"]);
    }
}
