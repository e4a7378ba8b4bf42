//! Visits on other pages: those to go on with, a home's past ones, and who may have left.

use domain::RecordId;
use domain::codes::VisitPersonResult;
use domain::presence::{Doubt, Presence};
use ui_protocol::Topic;
use ui_protocol::visits::{FollowUp, OpenVisits, PastVisits, Seen, VisitRow};
use yew::prelude::*;

use super::past_visit::result_tone;
use super::route::Route;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Cells, Fact, LinkCell, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// Rows of a home's page; the rest is folded.
const SHOWN: usize = 3;

/// Visits that were begun, on the first page: nothing while there are none.
#[component(OpenVisitList)]
pub fn open_visit_list() -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(OpenVisits {}, &[Topic::Units, Topic::Sync]);
    let Some(open) = asked.answer.ready().filter(|open| !open.rows.is_empty()) else {
        return Html::default();
    };
    html! {
        <Cells title={words.visit_open_title()}>
            { for open.rows.iter().map(|row| {
                let title = if row.title.is_empty() { words.visit_home_gone().to_owned() } else { row.title.clone() };
                let detail = words.visit_left_at(row.answered, row.people, &words.moment(row.begun_unix_ms, frame.today()));
                let tags = html! { <Tag text={words.visit_go_on()} tone={Tone::Wait} /> };
                html! { <LinkCell key={row.unit.to_string()} href={Route::Visit { id: row.unit }.href()} {title} {detail} {tags} /> }
            }) }
        </Cells>
    }
}

/// Properties of [`VisitSection`].
#[derive(Properties, PartialEq)]
pub struct VisitSectionProps {
    /// The home.
    pub unit: RecordId,
}

/// Past visits of a home: when, how they ended, by whom.
#[component(VisitSection)]
pub fn visit_section(props: &VisitSectionProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(PastVisits { unit: props.unit }, &[Topic::Units, Topic::People, Topic::Sync]);
    let today = frame.today();
    html! {
        <section class="group" aria-labelledby="visits-title">
            <div class="group-head"><h2 id="visits-title" class="weui-cells__title">{ words.visits_title() }</h2></div>
            { answered(&asked, |past| html! {
                <>
                    <div class="weui-cells">
                        if let Some(next) = &past.next {
                            <Fact name={words.visit_next()} value={words.next_visit(next, today)} />
                        }
                        { for past.rows.iter().take(SHOWN).map(|row| line(words, row, today)) }
                        if past.rows.is_empty() {
                            <div class="weui-cell"><p class="quiet">{ words.visits_none() }</p></div>
                        }
                    </div>
                    if past.rows.len() > SHOWN {
                        <details class="fold">
                            <summary>{ format!("{} {}", words.visits_title(), past.rows.len()) }</summary>
                            <div class="weui-cells">{ for past.rows.iter().skip(SHOWN).map(|row| line(words, row, today)) }</div>
                        </details>
                    }
                </>
            }) }
        </section>
    }
}

fn line(words: Words, row: &VisitRow, today: &str) -> Html {
    let title = format!("{} · {}", words.moment(row.observed_unix_ms, today), words.visitor(&row.by));
    let tags = html! {
        <>
            <Tag text={words.label(row.result)} tone={result_tone(row.result)} />
            if row.withdrawn {
                <Tag text={words.taken_back_mark()} tone={Tone::Bad} />
            }
            if row.scanned {
                <Tag text={words.visit_scanned()} />
            }
            if row.waiting {
                <Tag text={words.waiting_mark()} tone={Tone::Wait} />
            }
        </>
    };
    html! { <LinkCell key={row.id.to_string()} href={Route::PastVisit { id: row.id }.href()} {title} detail={words.visit_counts(row)} {tags} /> }
}

/// Properties of [`Doubted`].
#[derive(Properties, PartialEq)]
pub struct DoubtedProps {
    /// The person.
    pub person: RecordId,
    /// Where they are registered.
    pub unit: Option<RecordId>,
    /// What is known.
    pub presence: Presence,
}

/// Why somebody may have left, and what to do about it.
#[component(Doubted)]
pub fn doubted(props: &DoubtedProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let presence = &props.presence;
    // Both are shown where somebody decides.
    let contradicted = presence.contradiction.is_some().then(|| html! {
        <Cells>
            <LinkCell href={Route::Attention.href()} title={words.presence_contradicted()} detail={words.contradiction_decide()} />
        </Cells>
    });
    if !presence.is_suspected_left() {
        return html! { <>{ contradicted }{ pending(words, props.person, presence, frame.today()) }</> };
    }
    // Within the county the registration goes along: ending it would begin the years for a permit anew.
    let moved =
        presence.doubts.iter().any(|doubt| matches!(doubt, Doubt::SaidGone { result: VisitPersonResult::MovedInCounty, .. }));
    html! {
        <>
        { contradicted }
        { pending(words, props.person, presence, frame.today()) }
        <section class="card doubted" aria-label={words.presence_suspected()}>
            <p class="card-tags"><Tag text={words.presence_suspected()} tone={Tone::Wait} /></p>
            <ul class="reasons">
                { for presence.doubts.iter().map(|doubt| html! { <li>{ words.doubt(doubt, frame.today()) }</li> }) }
            </ul>
            <p class="quiet">{ words.presence_help() }</p>
            <div class="doubted-do">
                if let Some(unit) = props.unit {
                    <a class="weui-btn button button-plain" href={Route::Visit { id: unit }.href()}>{ words.presence_visit_again() }</a>
                }
                if moved {
                    <a class="weui-btn button button-plain" href={Route::Move { id: props.person }.href()}>{ words.person_move() }</a>
                    <a class="weui-btn button button-plain" href={Route::HandOver { id: props.person }.href()}>{ words.person_hand_over() }</a>
                }
                <a class="weui-btn button button-warn" href={Route::Leave { id: props.person }.href()}>{ words.person_leave() }</a>
            </div>
        </section>
        </>
    }
}

/// What visits found that the register does not say yet, and the form for each.
fn pending(words: Words, person: RecordId, presence: &Presence, today: &str) -> Html {
    if presence.pending.is_empty() {
        return Html::default();
    }
    html! {
        <section class="card doubted" aria-label={words.presence_pending()}>
            <p class="card-tags"><Tag text={words.presence_pending()} tone={Tone::Wait} /></p>
            <ul class="reasons">
                { for presence.pending.iter().map(|open| html! { <li>{ words.pending_change(open.result, open.observed_unix_ms, today) }</li> }) }
            </ul>
            <p class="quiet">{ words.presence_pending_help() }</p>
            <div class="doubted-do">
                { for presence.pending.iter().map(|open| {
                    let (next, route) = match open.result {
                        VisitPersonResult::MovedInBuilding => (FollowUp::Move, Route::Move { id: person }),
                        _ => (FollowUp::Change, Route::EditPerson { id: person }),
                    };
                    html! {
                        <>
                            <a class="weui-btn button button-plain" href={route.href()}>{ words.follow_up(next, open.result) }</a>
                            <a class="weui-btn button button-plain" href={Route::PastVisit { id: open.visit }.href()}>{ words.presence_pending_visit() }</a>
                        </>
                    }
                }) }
            </div>
        </section>
    }
}

/// What visits saw of somebody, the newest first.
pub fn seen(words: Words, lines: &[Seen], today: &str) -> Html {
    if lines.is_empty() {
        return Html::default();
    }
    html! {
        <Cells title={words.presence_seen_title()}>
            { for lines.iter().map(|line| {
                let title = format!("{} · {}", words.moment(line.observed_unix_ms, today), words.label(line.result));
                html! { <LinkCell href={Route::PastVisit { id: line.visit }.href()} {title} detail={words.visitor(&line.by)} /> }
            }) }
        </Cells>
    }
}
