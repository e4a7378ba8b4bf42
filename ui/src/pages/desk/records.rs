//! A list at the left, one record at the right. Filters stand in the address; J, K and Enter move.

use std::rc::Rc;

use ui_protocol::Topic;
use ui_protocol::desk::{ListRecords, Overview as AskOverview, RecordRow};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::record::Record;
use super::route::{Filter, KINDS, Route, records_href};
use crate::hooks::{Listed, use_call, use_keys, use_pages, use_rested};
use crate::parts::{Choices, Empty, More, SearchBar, SelectField, Skeleton, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`Records`].
#[derive(Properties, PartialEq)]
pub struct RecordsProps {
    /// The kind.
    pub kind: String,
}

/// Records of a kind.
#[component(Records)]
pub fn records(props: &RecordsProps) -> Html {
    let words = use_words();
    let officer = use_context::<Officer>();
    let today = officer.map(|officer| officer.me.today.clone()).unwrap_or_default();
    let navigator = use_navigator();
    let filter: Filter = use_location().and_then(|location| location.query::<Filter>().ok()).unwrap_or_default();
    let typed = use_state(|| filter.q.clone());
    let query = use_rested(&typed);
    let areas = use_call(AskOverview {}, &[]);
    let call = ListRecords {
        kind: props.kind.clone(),
        area: (!filter.area.is_empty()).then(|| filter.area.clone()),
        query: query.clone(),
        states: Vec::new(),
        after: None,
    };
    let listed = use_pages(call, &[Topic::Units, Topic::People, Topic::Reports, Topic::Attention]);

    let go = {
        let kind = props.kind.clone();
        Callback::from(move |filter: Filter| {
            if let Some(navigator) = &navigator {
                // The query is three plain texts, which an address can always hold.
                let _went = navigator.replace_with_query(&Route::Records { kind: kind.clone() }, &filter);
            }
        })
    };
    // What is looked for joins the address once the typing rests.
    use_effect_with(query, {
        let (go, filter) = (go.clone(), filter.clone());
        move |query: &String| {
            if *query != filter.q {
                go.emit(Filter { q: query.clone(), ..filter });
            }
        }
    });
    use_keys({
        let (go, filter) = (go.clone(), filter.clone());
        let ids: Vec<String> = match &listed {
            Listed::Ready { rows, .. } => rows.iter().map(|row| row.id.to_string()).collect(),
            _ => Vec::new(),
        };
        Callback::from(move |key: String| {
            let at = ids.iter().position(|id| *id == filter.id);
            let to = match (key.as_str(), at) {
                ("j" | "J", None) => Some(0),
                ("j" | "J", Some(at)) => Some(at + 1),
                ("k" | "K", Some(at)) => at.checked_sub(1),
                ("Enter", Some(_)) => {
                    focus_record();
                    None
                }
                _ => None,
            };
            if let Some(id) = to.and_then(|to| ids.get(to)) {
                go.emit(Filter { id: id.clone(), ..filter.clone() });
                bring_into_sight(id);
            }
        })
    });

    let area_names: Rc<Vec<(String, String)>> = Rc::new(
        areas
            .answer
            .ready()
            .map(|reply| reply.areas.iter().map(|area| (area.code.clone(), format!("{}{}", area.township, area.name))).collect())
            .unwrap_or_default(),
    );
    let choices: Choices = areas
        .answer
        .ready()
        .map(|reply| {
            reply.areas.iter().map(|area| (area.code.clone().into(), format!("{}{}", area.township, area.name).into())).collect()
        })
        .unwrap_or_default();
    let on_area = {
        let (go, filter) = (go.clone(), filter.clone());
        Callback::from(move |area: String| go.emit(Filter { area, id: String::new(), ..filter.clone() }))
    };
    html! {
        <main class="desk-main desk-two">
            <section class="desk-list">
                <h1>{ words.desk_records() }</h1>
                <div class="desk-tabs" role="group" aria-label={words.desk_kind()}>
                    { for KINDS.iter().map(|kind| {
                        let here = *kind == props.kind;
                        html! { <a class={classes!("desk-tab", here.then_some("desk-tab-here"))} href={records_href(kind, &filter.area, "")} aria-current={here.then_some("page")}>{ words.kind(kind) }</a> }
                    }) }
                </div>
                <div class="desk-filters">
                    <SelectField id="area" label={words.desk_area()} value={filter.area.clone()} {choices} none={words.desk_all_areas()} on_change={on_area} />
                    <SearchBar id="search" label={words.desk_search()} value={(*typed).clone()} on_change={
                        let typed = typed.setter();
                        move |text| typed.set(text)
                    } />
                </div>
                <p class="quiet desk-keys">{ words.desk_keys() }</p>
                { match &listed {
                    Listed::Waiting => html! { <Skeleton /> },
                    Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
                    Listed::Ready { rows, .. } if rows.is_empty() => html! { <Empty title={words.desk_no_records()} /> },
                    Listed::Ready { rows, more, total } => html! {
                        <>
                            if let Some(total) = total {
                                <p class="list-total">{ words.in_all(*total) }</p>
                            }
                            <nav class="weui-cells rows" aria-label={words.desk_list_label()}>
                                { for rows.iter().map(|row| {
                                    let id = row.id.to_string();
                                    row_link(words, row, records_href(&props.kind, &filter.area, &id), id == filter.id, &today)
                                }) }
                            </nav>
                            if let Some(on_more) = more {
                                <More on_more={on_more.clone()} />
                            }
                        </>
                    },
                } }
            </section>
            <section class="desk-record" id="record" tabindex="-1" aria-label={words.kind(&props.kind)}>
                if let Ok(id) = filter.id.parse::<domain::RecordId>() {
                    <Record key={filter.id.clone()} {id} {today} areas={area_names} />
                } else {
                    <Empty title={words.desk_choose_record()} help={words.desk_keys()} />
                }
            </section>
        </main>
    }
}

/// One record in a list, and where it leads.
pub fn row_link(words: Words, row: &RecordRow, href: AttrValue, here: bool, today: &str) -> Html {
    let id = row.id.to_string();
    html! {
        <a key={id.clone()} id={format!("row-{id}")} class={classes!("weui-cell", "row", here.then_some("row-here"))} aria-current={here.then_some("true")}
            {href}>
            <span class="weui-cell__bd">
                <span class="row-title">{ if row.title.is_empty() { words.kind(&row.kind).to_owned() } else { row.title.clone() } }</span>
                <span class="row-detail">{ [detail(words, row).as_str(), row.area_name.as_str(), &words.moment(row.received_unix_ms, today)]
                    .into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ") }</span>
            </span>
            <span class="row-tags">
                if let Some(state) = words.state(&row.state) {
                    <Tag text={state} tone={state_tone(&row.state)} />
                }
            </span>
        </a>
    }
}

/// What else tells a record apart; of a conflict, the group it is about comes first and is said in words.
fn detail(words: Words, row: &RecordRow) -> String {
    match row.detail.split_once(' ') {
        Some((group, rest)) if row.kind == domain::kind::CONFLICT => format!("{} · {rest}", words.group(group)),
        _ => row.detail.clone(),
    }
}

/// How good the state of a record is.
pub fn state_tone(state: &str) -> Tone {
    match state {
        "active" | "accepted" | "REGISTERED" | "handed" | "restored" | "kept" | "settled" => Tone::Good,
        "contradicted" | "PENDING" | "received" | "local" | "open" | "to_place" | "missing" | "taken" | "review" | "approved"
        | "to_hand_out" | "replace" | "endorse_due" | "to_end" | "change_due" => Tone::Wait,
        "issued" | "handed_out" => Tone::Good,
        "returned" | "refused" | "suspended" | "expired" => Tone::Bad,
        _ => Tone::Calm,
    }
}

fn element(id: &str) -> Option<HtmlElement> {
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into().ok())
}

/// Moves into the record beside the list, to the first thing that fits, else to the record itself.
pub fn focus_in_record(selector: &str) {
    let found = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector(&format!("{selector} button, {selector}")).ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    match found {
        Some(found) => {
            // An element on the page takes the focus.
            let _focused = found.focus();
        }
        None => focus_record(),
    }
}

fn focus_record() {
    if let Some(record) = element("record") {
        // An element on the page takes the focus.
        let _focused = record.focus();
    }
}

/// Scrolls a row into sight.
pub fn bring_into_sight(id: &str) {
    if let Some(row) = element(&format!("row-{id}")) {
        row.scroll_into_view_with_bool(false);
        // From here on keys are meant for the row, wherever somebody had clicked before.
        let _focused = row.focus();
    }
}
