//! One record in words: its values, what hangs on it, what happened, and what a station may decide.

use std::rc::Rc;

use domain::RecordId;
use domain::conflict::{Side, What};
use domain::duplicate::{Pair, PairWhy};
use domain::text;
use serde_json::Value;
use ui_protocol::Topic;
use ui_protocol::attention::Choice;
use ui_protocol::desk::{RecordView, RestoreResidency, SettleForStation, ViewRecord};
use yew::prelude::*;

use super::contradiction::Contradiction;
use super::grade::GradeOfHome;
use super::home::{HomeAtStation, TakingBack};
use super::permits::Steps;
use super::photos::Photos;
use super::records::state_tone;
use super::route::{KINDS, records_href, why_save_href};
use super::same;
use crate::hooks::{use_asker, use_call, use_notices, use_submit};
use crate::pages::shared;
use crate::parts::{Button, Cells, LinkCell, Look, NoteField, Said, Tag, Trouble, answered};
use crate::words::{Words, use_words};

/// The longest reason of a restoration.
const NOTE_MAX: usize = 200;

/// Properties of [`Record`].
#[derive(Properties, PartialEq)]
pub struct RecordProps {
    /// Which.
    pub id: RecordId,
    /// The server's today.
    pub today: AttrValue,
    /// Villages by code, to say them by name.
    pub areas: Rc<Vec<(String, String)>>,
}

/// One record.
#[component(Record)]
pub fn record(props: &RecordProps) -> Html {
    let words = use_words();
    let asked = use_call(ViewRecord { id: props.id }, &[Topic::Units, Topic::People, Topic::Reports, Topic::Attention]);
    let today = &props.today;
    answered(&asked, |view| {
        // Stays and visits have no page of their own.
        let linked: Vec<_> = view.linked.iter().filter(|linked| KINDS.contains(&linked.kind.as_str())).collect();
        html! {
            <article>
                <h2 class="card-title">{ if view.row.title.is_empty() { words.kind(&view.row.kind).to_owned() } else { view.row.title.clone() } }</h2>
                <p class="card-detail">{ format!("{} · {}", words.kind(&view.row.kind), view.row.area_name) }</p>
                <p class="card-tags">
                    if let Some(state) = words.state(&view.row.state) {
                        <Tag text={state} tone={state_tone(&view.row.state)} />
                    }
                </p>
                if let Some(between) = &view.contradiction {
                    <Contradiction id={props.id} between={between.clone()} can_weigh={view.can_weigh} today={today.clone()} />
                }
                <Photos photos={view.photos.clone()} today={today.clone()} />
                { match (what_clashed(view), what_pair(view)) {
                    (Some(what), _) => clash(words, &what, today),
                    (_, Some(pair)) => html! { <same::PairSides {pair} today={today.clone()} areas={props.areas.clone()} /> },
                    _ => groups(words, view, today, &props.areas),
                } }
                if let Some(graded) = &view.graded {
                    <GradeOfHome id={props.id} graded={graded.clone()} can_set={view.can_grade} today={today.clone()} />
                }
                if let Some(home) = &view.home {
                    <HomeAtStation id={props.id} home={home.clone()} decides={view.can_grade} today={today.clone()} />
                }
                if let Some(permit) = &view.permit {
                    <Steps id={props.id} permit={permit.clone()} today={today.clone()} />
                }
                if view.can_take_back {
                    <div class="desk-decide"><TakingBack id={props.id} kind={view.row.kind.clone()} withdrawn={view.withdrawn} /></div>
                }
                if view.can_restore {
                    <Restore id={props.id} />
                }
                if view.can_settle {
                    <Settle id={props.id} />
                }
                if view.can_answer {
                    <same::Answer id={props.id} merged={what_pair(view).is_some_and(|pair| pair.why == PairWhy::Merged)} />
                }
                <same::JoinedNames names={view.other_names.clone()} today={today.clone()} can_split={view.can_split} />
                if !linked.is_empty() {
                    <Cells title={words.desk_linked()}>
                        { for linked.iter().map(|linked| html! {
                            <LinkCell href={records_href(&linked.kind, "", &linked.id.to_string())}
                                title={if linked.title.is_empty() { words.kind(&linked.kind).to_owned() } else { linked.title.clone() }} detail={words.kind(&linked.kind)} />
                        }) }
                    </Cells>
                }
                <section class="group">
                    <div class="group-head"><h3 class="weui-cells__title">{ words.history_title() }</h3></div>
                    <div class="weui-cells">{ shared::history(words, &view.history, &shared::ReadAt { today, own: None, whole: true, areas: &props.areas }, why_save_href, |line| {
                        // What is shown already leads nowhere else.
                        let page = line.page.as_ref().filter(|page| page.id != props.id)?;
                        Some(records_href(&page.kind, "", &page.id.to_string()))
                    }) }</div>
                </section>
            </article>
        }
    })
}

/// The groups that hold something a person reads.
fn groups(words: Words, view: &RecordView, today: &str, areas: &[(String, String)]) -> Html {
    let shown = view.groups.iter().filter(|(group, _)| group != domain::kind::PLACE).filter_map(|(group, fields)| {
        let fields = shared::with_area_names(fields, areas);
        (!words.field_lines(group, &fields, today).is_empty()).then_some((group, fields))
    });
    html! {
        { for shown.map(|(group, fields)| html! {
            <section class="group">
                <div class="group-head"><h3 class="weui-cells__title">{ words.group(group) }</h3></div>
                <div class="weui-cells desk-values">{ shared::values(words, group, &fields, today, words.value_empty()) }</div>
            </section>
        }) }
    }
}

/// A conflict's two sides, when this is one.
fn what_clashed(view: &RecordView) -> Option<What> {
    let (_, fields) = view.groups.iter().find(|(group, _)| view.row.kind == domain::kind::CONFLICT && group == "what")?;
    serde_json::from_value(Value::Object(fields.clone())).ok()
}

/// The two people a question is about, when this is one.
fn what_pair(view: &RecordView) -> Option<Pair> {
    let (_, fields) = view.groups.iter().find(|(group, _)| view.row.kind == domain::kind::DUPLICATE && group == "what")?;
    serde_json::from_value(Value::Object(fields.clone())).ok()
}

fn clash(words: Words, what: &What, today: &str) -> Html {
    let side = |name: &str, side: Option<&Side>| {
        html! {
            <div class="side">
                <p class="side-name">{ name }</p>
                if let Some(side) = side {
                    <p class="quiet">{ words.side_by(&words.who(&side.by), &words.moment(side.at_unix_ms, today)) }</p>
                    { shared::values(words, &what.group, &side.fields, today, words.value_deleted()) }
                } else {
                    <p class="quiet">{ words.side_hidden() }</p>
                }
            </div>
        }
    };
    html! {
        <section class="clash">
            <h3 class="clash-title">{ format!("{} · {}", words.kind(&what.kind), words.group(&what.group)) }</h3>
            <p class="quiet">{ words.clash(what.why) }</p>
            <div class="sides">
                { side(words.side_stands(), what.stands.as_ref()) }
                { side(words.side_lost(), Some(&what.lost)) }
            </div>
            <p><a class="inline-link" href={records_href(&what.kind, "", &what.record.to_string())}>{ words.open_record() }</a></p>
        </section>
    }
}

/// Properties of [`Restore`] and [`Settle`].
#[derive(Properties, PartialEq)]
struct DecideProps {
    id: RecordId,
}

/// A cancelled registration comes back, with a reason that stays in the history.
#[component(Restore)]
fn restore(props: &DecideProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let note = use_state(String::new);
    let tried = use_state(|| false);
    let submit = use_submit::<RestoreResidency>(Callback::from(move |_| {
        notices.say(words.desk_restored());
        asker.announce(&[Topic::People]);
    }));
    let problem = text::require_text(&note, NOTE_MAX).err();
    let said = problem
        .as_ref()
        .filter(|_| *tried)
        .map(|problem| Said { text: words.problem(&domain::form::Problem::Text(problem.clone())).into(), warning: false });
    let onsubmit = {
        let (send, tried, note, id, good) = (submit.send.clone(), tried.setter(), note.clone(), props.id, problem.is_none());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if good {
                send.emit(RestoreResidency { id, note: note.trim().to_owned() });
            }
        })
    };
    html! {
        <form class="desk-decide" {onsubmit} novalidate=true>
            <p class="quiet">{ words.desk_restore_help() }</p>
            <NoteField id="restore_note" label={words.desk_restore_note()} value={(*note).clone()} required=true {said} on_change={
                let note = note.setter();
                move |text| note.set(text)
            } />
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <Button look={Look::Primary} submits=true label={words.desk_restore()} busy={submit.state.is_busy()} busy_label={words.saving()} />
        </form>
    }
}

/// A conflict both coordinators left open.
#[component(Settle)]
fn settle(props: &DecideProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let submit = use_submit::<SettleForStation>(Callback::from(move |_| {
        notices.say(words.settled());
        asker.announce(&[Topic::Attention]);
    }));
    let choose = |choice: Choice| {
        let (send, id) = (submit.send.clone(), props.id);
        Callback::from(move |()| send.emit(SettleForStation { id, choice }))
    };
    html! {
        <section class="desk-decide" aria-label={words.desk_settle()}>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                <Button look={Look::Primary} label={words.use_lost()} busy={submit.state.is_busy()} on_click={choose(Choice::Restore)} />
                <Button label={words.keep_stands()} busy={submit.state.is_busy()} on_click={choose(Choice::Keep)} />
            </div>
        </section>
    }
}
