//! Safety at the station: the homes with something open or proposed at the left, one at the right with what can be done.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::desk::Overview as AskOverview;
use ui_protocol::station_home::{SafetyList, SafetyRow};
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::record::Record;
use super::route::{Filter, safety_href};
use crate::hooks::use_call;
use crate::parts::{Empty, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// The homes the station has something to do about.
#[component(Safety)]
pub fn safety() -> Html {
    let words = use_words();
    let today = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let filter: Filter = use_location().and_then(|location| location.query::<Filter>().ok()).unwrap_or_default();
    let asked = use_call(SafetyList {}, &[Topic::Units]);
    let areas = use_call(AskOverview {}, &[]);
    let names: Rc<Vec<(String, String)>> = Rc::new(
        areas
            .answer
            .ready()
            .map(|reply| reply.areas.iter().map(|area| (area.code.clone(), format!("{}{}", area.township, area.name))).collect())
            .unwrap_or_default(),
    );
    html! {
        <main class="desk-main desk-two">
            <section class="desk-list">
                <h1>{ words.safety_title() }</h1>
                <p class="quiet">{ words.desk_safety_help() }</p>
                { answered(&asked, |reply| if reply.rows.is_empty() {
                    html! { <Empty title={words.safety_hazards_none()} /> }
                } else {
                    html! {
                        <nav class="weui-cells rows" aria-label={words.safety_title()} data-testid="safety-list">
                            { for reply.rows.iter().map(|row| line(words, row, &filter.id, &today)) }
                        </nav>
                    }
                }) }
            </section>
            <section class="desk-record" id="record" tabindex="-1" aria-label={words.kind(domain::kind::UNIT)}>
                if let Ok(id) = filter.id.parse::<RecordId>() {
                    <Record key={filter.id.clone()} {id} {today} areas={names} />
                } else {
                    <Empty title={words.desk_choose_record()} />
                }
            </section>
        </main>
    }
}

fn line(words: Words, row: &SafetyRow, chosen: &str, today: &str) -> Html {
    let id = row.unit.to_string();
    let here = id == chosen;
    let over = !row.due_on.is_empty() && row.due_on.as_str() < today;
    html! {
        <a key={id.clone()} id={format!("row-{id}")} class={classes!("weui-cell", "row", here.then_some("row-here"))}
            aria-current={here.then_some("true")} href={safety_href(&id)}>
            <span class="weui-cell__bd">
                <span class="row-title">{ &row.title }</span>
                <span class="row-detail">{ format!("{} · {}", words.desk_open_hazards(row.open), row.area_name) }</span>
            </span>
            <span class="row-tags">
                if let Some(grade) = row.wanted {
                    <Tag text={words.grade_wanted_short(grade)} tone={Tone::Wait} />
                }
                if row.severity >= 3 {
                    <Tag text={words.severity(row.severity)} tone={Tone::Bad} />
                }
                if !row.due_on.is_empty() {
                    <Tag text={words.desk_mend_by(&row.due_on, today)} tone={if over { Tone::Bad } else { Tone::Calm }} />
                }
            </span>
        </a>
    }
}
