//! What both apps draw the same way: histories, groups of values, the sides of a conflict.

use domain::Fields;
use ui_protocol::units::{ChangeState, HistoryLine};
use yew::prelude::*;

use crate::parts::{Tag, Tone};
use crate::words::Words;

/// Who set what, when; the newest first, as it came. What one save did to one record stands in one line, with the save's number:
/// `number_href` says where that leads.
pub fn history(words: Words, lines: &[HistoryLine], today: &str, number_href: fn(&str) -> AttrValue) -> Html {
    if lines.is_empty() {
        return html! { <p class="history-none">{ words.history_empty() }</p> };
    }
    html! {
        <ul class="history">
            { for lines.chunk_by(is_of_one_save).map(|lines| {
                let line = &lines[0];
                let what = lines.iter().map(|line| words.group(&line.group)).collect::<Vec<_>>().join(words.pick("、", ", "));
                let by = words.who(&line.by);
                let tone = match line.state {
                    ChangeState::Answered => Tone::Good,
                    ChangeState::Waiting | ChangeState::Held => Tone::Wait,
                    ChangeState::Conflict | ChangeState::Refused => Tone::Bad,
                };
                html! {
                    <li class="history-line">
                        <span class="history-what">{ what }</span>
                        <span class="history-who">{ format!("{by} · {}", words.moment(line.at_unix_ms, today)) }</span>
                        <Tag text={words.change_state(line.state)} {tone} />
                        if !line.no.is_empty() {
                            <a class="history-no" href={number_href(&line.no)}>{ format!("{} {}", words.save_number(), line.no) }</a>
                        }
                    </li>
                }
            }) }
        </ul>
    }
}

fn is_of_one_save(one: &HistoryLine, next: &HistoryLine) -> bool {
    !one.no.is_empty() && (&one.no, &one.by, one.state) == (&next.no, &next.by, next.state)
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
