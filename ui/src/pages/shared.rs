//! What both apps draw the same way: histories, groups of values, the sides of a conflict.

use domain::Fields;
use domain::code::Drawing;
use ui_protocol::history::{By, HistoryGroup, HistoryLine, Was};
use ui_protocol::units::ChangeState;
use yew::prelude::*;

use crate::parts::{QrCode, Tag, Tone};
use crate::words::{Changed, Words};

/// Where a history is read.
pub struct ReadAt<'a> {
    /// The day it is.
    pub today: &'a str,
    /// The number of the device in the hand.
    pub own: Option<u32>,
    /// The server told all of it.
    pub whole: bool,
    /// Villages by code, with their names.
    pub areas: &'a [(String, String)],
}

/// Who set what, when, from which device, and what it replaced; the newest first, as it came. Each save has its number:
/// `number_href` says where that leads, `page_href` where a line does.
pub fn history(
    words: Words,
    lines: &[HistoryLine],
    at: &ReadAt<'_>,
    number_href: fn(&str) -> AttrValue,
    page_href: impl Fn(&HistoryLine) -> Option<AttrValue>,
) -> Html {
    let ReadAt { today, own, whole, areas } = *at;
    if lines.is_empty() {
        return html! { <p class="history-none">{ words.history_empty() }</p> };
    }
    html! {
        <ul class="history">
            { for lines.iter().map(|line| {
                // Who is called after the device is not said to have used it as well.
                let device = line.device.filter(|_| !matches!(line.by, By::Device(_)));
                let device = device.map(|device| words.from_device(device, own)).unwrap_or_default();
                let who = [words.by(&line.by), device, words.moment(line.at_unix_ms, today)];
                let who: Vec<String> = who.into_iter().filter(|part| !part.is_empty()).collect();
                let groups: Vec<_> = line.groups.iter().map(|group| (group, changed(words, group, today, areas))).collect();
                let readable = groups.iter().any(|(_, fields)| !fields.is_empty());
                let unknown = groups.iter().any(|(group, fields)| group.was == Was::Unknown && !fields.is_empty());
                let tone = match line.state {
                    ChangeState::Answered => Tone::Good,
                    ChangeState::Waiting | ChangeState::Held => Tone::Wait,
                    ChangeState::Conflict | ChangeState::Refused => Tone::Bad,
                };
                html! {
                    <li class="history-line">
                        if let Some(href) = page_href(line) {
                            <a class="history-what inline-link" {href}>{ words.done_to(line) }</a>
                        } else {
                            <span class="history-what">{ words.done_to(line) }</span>
                        }
                        <Tag text={words.change_state(line.state)} {tone} />
                        <span class="history-who">{ who.join(" · ") }</span>
                        { for groups.iter().filter(|(_, fields)| !readable || !fields.is_empty()).map(|(group, fields)| {
                            drawn(words, words.group_of(&line.kind, &group.group), fields)
                        }) }
                        if unknown {
                            <span class="quiet history-group">{ if whole { words.history_was_gone() } else { words.history_was_unknown() } }</span>
                        }
                        if !line.no.is_empty() {
                            <a class="history-no" href={number_href(&line.no)}>{ format!("{} {}", words.save_number(), line.no) }</a>
                        }
                    </li>
                }
            }) }
        </ul>
    }
}

/// What one group of a change set, villages by name.
fn changed(words: Words, group: &HistoryGroup, today: &str, areas: &[(String, String)]) -> Vec<Changed> {
    let named = HistoryGroup {
        fields: with_area_names(&group.fields, areas),
        was: match &group.was {
            Was::Value(fields) => Was::Value(with_area_names(fields, areas)),
            other => other.clone(),
        },
        group: group.group.clone(),
    };
    words.changed(&named, today)
}

/// One group of a change: its name, unless its only field is called the same, and each field as it is and as it was.
fn drawn(words: Words, name: &'static str, fields: &[Changed]) -> Html {
    let says_the_same = matches!(fields, [only] if only.name == name);
    html! {
        <div class="history-group">
            if !says_the_same {
                <span class="history-group-name">{ name }</span>
            }
            if !fields.is_empty() {
                <dl class="values">
                    { for fields.iter().map(|field| html! {
                        <div class="values-line">
                            <dt>{ field.name }</dt>
                            <dd>
                                { &field.now }
                                if let Some(was) = &field.was {
                                    <span class="history-was">{ words.it_was(was) }</span>
                                }
                            </dd>
                        </div>
                    }) }
                </dl>
            }
        </div>
    }
}

/// The fields with villages by name where the name is known.
pub fn with_area_names(fields: &Fields, areas: &[(String, String)]) -> Fields {
    let mut named = fields.clone();
    if let Some(area) = named.get_mut("area")
        && let Some((_, name)) = areas.iter().find(|(code, _)| area.as_str() == Some(code))
    {
        *area = name.clone().into();
    }
    named
}

/// A group's fields as a list of names and values. `empty` stands where nothing is left to show.
pub fn values(words: Words, group: &str, fields: &Fields, today: &str, empty: &'static str) -> Html {
    let lines = words.field_lines(group, fields, today);
    if lines.is_empty() {
        return html! { <p class="values-none">{ empty }</p> };
    }
    html! {
        <dl class="values">
            { for lines.into_iter().map(|(name, value)| html! {
                <div class="values-line">
                    <dt>{ name }</dt>
                    <dd>{ value }</dd>
                </div>
            }) }
        </dl>
    }
}

/// The browser's own page for printing; the sheet leaves out everything but the paper.
pub fn print() -> Callback<()> {
    Callback::from(|()| {
        if let Some(window) = web_sys::window() {
            // A window without a printer shows nothing: the page itself can be shown.
            let _printed = window.print();
        }
    })
}

/// A plate as it is put up: its code and its number. Not a word of what it is for: nobody is marked by it.
pub fn plate(words: Words, number: &str, drawing: &Drawing) -> Html {
    html! {
        <figure class="plate">
            <QrCode drawing={drawing.clone()} label={format!("{} {number}", words.plate_code())} />
            <figcaption class="plate-number">{ number }</figcaption>
        </figure>
    }
}
