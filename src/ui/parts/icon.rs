//! The icons, once in the page, and their uses.

use yew::{Html, Properties, component, html};

/// Draws the symbols that [`Icon`] and [`Lamp`](super::Lamp) refer to. Belongs into the page once.
#[component]
pub fn Sprite() -> Html {
    html! {
        <svg class="sprite" aria-hidden="true" width="0" height="0">
            <symbol id="i-play" viewBox="0 0 16 16">
                <path d="M5 3.2v9.6l7.8-4.8z" fill="currentColor" stroke-linejoin="round" />
            </symbol>
            <symbol id="i-pause" viewBox="0 0 16 16">
                <path d="M5.5 3.5v9M10.5 3.5v9" stroke-width="2.4" />
            </symbol>
            <symbol id="i-step" viewBox="0 0 16 16">
                <path d="M4 3.6v8.8L10.4 8z" fill="currentColor" stroke-linejoin="round" />
                <path d="M12.5 3.5v9" />
            </symbol>
            <symbol id="i-back" viewBox="0 0 16 16">
                <path d="M12 3.6v8.8L5.6 8z" fill="currentColor" stroke-linejoin="round" />
                <path d="M3.5 3.5v9" />
            </symbol>
            <symbol id="i-rewind" viewBox="0 0 16 16">
                <path d="M3 8a5 5 0 1 0 1.7-3.8" />
                <path d="M2.8 2.6v3h3" />
            </symbol>
            <symbol id="i-fork" viewBox="0 0 16 16">
                <circle cx="4" cy="3.5" r="1.6" />
                <circle cx="4" cy="12.5" r="1.6" />
                <circle cx="12" cy="5.5" r="1.6" />
                <path d="M4 5.1v5.8M4 9.6c0-3 8-1 8-2.5" />
            </symbol>
            <symbol id="i-flag" viewBox="0 0 16 16">
                <path d="M4 14V2.5M4 3h7.5l-2 2.6 2 2.6H4" />
            </symbol>
            <symbol id="i-share" viewBox="0 0 16 16">
                <path d="M6.5 9.5l3-3M7.2 4.6l1.2-1.2a2.9 2.9 0 0 1 4.2 4.2l-1.3 1.2M8.8 11.4l-1.2 1.2a2.9 2.9 0 0 1-4.2-4.2l1.3-1.2" />
            </symbol>
            <symbol id="i-sun" viewBox="0 0 16 16">
                <circle cx="8" cy="8" r="2.8" />
                <path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1" />
            </symbol>
            <symbol id="i-moon" viewBox="0 0 16 16">
                <path d="M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z" />
            </symbol>
            <symbol id="i-help" viewBox="0 0 16 16">
                <circle cx="8" cy="8" r="6" />
                <path d="M6.3 6.3c0-2.2 3.5-2.1 3.5 0 0 1.3-1.8 1.4-1.8 2.7M8 11.2v.1" />
            </symbol>
            <symbol id="i-menu" viewBox="0 0 16 16">
                <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />
            </symbol>
            <symbol id="i-power" viewBox="0 0 16 16">
                <path d="M8 2.2v5.2M4.6 4.2a5 5 0 1 0 6.8 0" />
            </symbol>
            <symbol id="i-check" viewBox="0 0 16 16">
                <path d="M3.2 8.4l3.1 3.1 6.5-7" />
            </symbol>
            <symbol id="i-chevron" viewBox="0 0 16 16">
                <path d="M6 3.5L10.5 8 6 12.5" />
            </symbol>
            <symbol id="i-down" viewBox="0 0 16 16">
                <path d="M3.5 6L8 10.5 12.5 6" />
            </symbol>
            <symbol id="i-close" viewBox="0 0 16 16">
                <path d="M4 4l8 8M12 4l-8 8" />
            </symbol>
            <symbol id="i-bulb" viewBox="0 0 16 16">
                <path d="M5.8 10.4C4.6 9.5 4 8.4 4 6.9a4 4 0 0 1 8 0c0 1.5-.6 2.6-1.8 3.5v1.4H5.8zM6.4 13.8h3.2" />
            </symbol>
            <symbol id="i-tape" viewBox="0 0 16 16">
                <rect x="1.8" y="4.6" width="12.4" height="6.8" rx="1.4" />
                <path d="M5.6 4.8v6.4M10.4 4.8v6.4" />
            </symbol>
            <symbol id="i-tray" viewBox="0 0 16 16">
                <path d="M2 3.5v7.2c0 1.1.7 1.8 1.8 1.8h8.4c1.1 0 1.8-.7 1.8-1.8V3.5M5 9.2h6M6.2 6.4h3.6" />
            </symbol>
            <symbol id="i-bolt" viewBox="0 0 16 16">
                <path d="M9 1.8L3.6 9h3.8L7 14.2 12.4 7H8.6z" stroke-linejoin="round" />
            </symbol>
            <symbol id="i-skull" viewBox="0 0 16 16">
                <path d="M8 2.4L14 13H2zM6.5 8.2l3 3m0-3l-3 3" stroke-linejoin="round" />
            </symbol>
            <symbol id="i-snail" viewBox="0 0 16 16">
                <path d="M8 3v5l3 2" />
                <circle cx="8" cy="8" r="6" />
            </symbol>
            <symbol id="i-dice" viewBox="0 0 16 16">
                <path d="M8 2l5.2 3v6L8 14l-5.2-3V5z M8 8l5-2.9M8 8v6M8 8L3 5.1" stroke-linejoin="round" />
            </symbol>
            <symbol id="i-plus" viewBox="0 0 16 16">
                <path d="M8 3.5v9M3.5 8h9" />
            </symbol>
            <symbol id="i-minus" viewBox="0 0 16 16">
                <path d="M3.5 8h9" />
            </symbol>
            <symbol id="i-fit" viewBox="0 0 16 16">
                <path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />
            </symbol>
            <symbol id="i-arrow" viewBox="0 0 16 16">
                <path d="M2.5 8h10.5M9 4l4 4-4 4" />
            </symbol>
            <symbol id="i-lock" viewBox="0 0 16 16">
                <rect x="3.5" y="7" width="9" height="6.5" rx="1.5" />
                <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
            </symbol>
            <symbol id="i-list" viewBox="0 0 16 16">
                <path d="M2.5 4h1M2.5 8h1M2.5 12h1M6 4h7.5M6 8h7.5M6 12h7.5" />
            </symbol>
            <symbol id="i-cmd" viewBox="0 0 16 16">
                <path d="M3 4.5h10M3 8h6M3 11.5h8" />
            </symbol>
            <symbol id="lamp-up" viewBox="0 0 10 10">
                <circle cx="5" cy="5" r="4" fill="currentColor" />
            </symbol>
            <symbol id="lamp-slow" viewBox="0 0 10 10">
                <circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" stroke-width="1.4" />
                <path d="M5 1.4a3.6 3.6 0 0 1 0 7.2z" fill="currentColor" />
            </symbol>
            <symbol id="lamp-failing" viewBox="0 0 10 10">
                <path d="M5 .8l4.2 4.2L5 9.2.8 5z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" />
                <path d="M5 3v2.2M5 6.8v.1" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" />
            </symbol>
            <symbol id="lamp-down" viewBox="0 0 10 10">
                <path d="M2 2l6 6M8 2L2 8" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
            </symbol>
            <symbol id="logo" viewBox="0 0 30 20">
                <rect x=".9" y="3.4" width="28.2" height="13.2" rx="4" fill="none" stroke="currentColor" stroke-width="1.7" />
                <circle cx="7" cy="10" r="2.2" fill="currentColor" />
                <circle cx="13.6" cy="10" r="2.2" fill="currentColor" />
                <path d="M18.6 10.2l2.6 2.6 6-8.6" fill="none" stroke="var(--panel)" stroke-width="6" />
                <path d="M18.8 9.8l2.7 2.8 5.7-8.4" fill="none" stroke="currentColor" stroke-width="2.3" stroke-linecap="round" stroke-linejoin="round" />
            </symbol>
        </svg>
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconName {
    Play,
    Pause,
    Step,
    Back,
    Rewind,
    Fork,
    Flag,
    Share,
    Sun,
    Moon,
    Help,
    Menu,
    Power,
    Check,
    Chevron,
    Down,
    Close,
    Bulb,
    Tape,
    Tray,
    Bolt,
    Skull,
    Snail,
    Dice,
    Plus,
    Minus,
    Fit,
    Arrow,
    Lock,
    List,
    Cmd,
}

impl IconName {
    fn href(self) -> &'static str {
        match self {
            IconName::Play => "#i-play",
            IconName::Pause => "#i-pause",
            IconName::Step => "#i-step",
            IconName::Back => "#i-back",
            IconName::Rewind => "#i-rewind",
            IconName::Fork => "#i-fork",
            IconName::Flag => "#i-flag",
            IconName::Share => "#i-share",
            IconName::Sun => "#i-sun",
            IconName::Moon => "#i-moon",
            IconName::Help => "#i-help",
            IconName::Menu => "#i-menu",
            IconName::Power => "#i-power",
            IconName::Check => "#i-check",
            IconName::Chevron => "#i-chevron",
            IconName::Down => "#i-down",
            IconName::Close => "#i-close",
            IconName::Bulb => "#i-bulb",
            IconName::Tape => "#i-tape",
            IconName::Tray => "#i-tray",
            IconName::Bolt => "#i-bolt",
            IconName::Skull => "#i-skull",
            IconName::Snail => "#i-snail",
            IconName::Dice => "#i-dice",
            IconName::Plus => "#i-plus",
            IconName::Minus => "#i-minus",
            IconName::Fit => "#i-fit",
            IconName::Arrow => "#i-arrow",
            IconName::Lock => "#i-lock",
            IconName::List => "#i-list",
            IconName::Cmd => "#i-cmd",
        }
    }
}

#[derive(Debug, PartialEq, Properties)]
pub struct IconProps {
    pub name: IconName,
}

/// An icon; words stand beside it, or its control has a name.
#[component]
pub fn Icon(props: &IconProps) -> Html {
    html! { <svg class="i" aria-hidden="true"><use href={props.name.href()} /></svg> }
}
