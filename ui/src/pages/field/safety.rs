//! How a home stands, on its page: grade with its reasons, hazards, checks, letter.

use std::rc::Rc;

use domain::RecordId;
use domain::grade::Grade;
use ui_protocol::Topic;
use ui_protocol::safety::{HazardRow, LetterStanding, Safety, SafetyView};
use yew::prelude::*;

use super::propose::Propose;
use super::route::Route;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Banner, Cells, DueTag, Fact, LinkCell, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// Properties of [`SafetySection`].
#[derive(Properties, PartialEq)]
pub struct SafetySectionProps {
    /// The home.
    pub unit: RecordId,
    /// A check can begin: the home is not closed.
    pub open: bool,
}

/// Grade, hazards, checks and letter of a home.
#[component(SafetySection)]
pub fn safety_section(props: &SafetySectionProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let unit = props.unit;
    let asked = use_call(Safety { unit }, &[Topic::Units, Topic::Reports, Topic::Sync]);
    html! {
        <section class="group" aria-labelledby="safety-title">
            <div class="group-head"><h2 id="safety-title" class="weui-cells__title">{ words.safety_title() }</h2></div>
            { answered(&asked, |seen| ready(words, unit, seen, frame.today())) }
            if props.open {
                <div class="buttons">
                    <a class="weui-btn button button-plain" href={Route::SafetyCheck { id: unit }.href()}>{ words.safety_check() }</a>
                </div>
            }
        </section>
    }
}

fn ready(words: Words, unit: RecordId, seen: &Rc<SafetyView>, today: &str) -> Html {
    let (open, done): (Vec<&HazardRow>, Vec<&HazardRow>) = seen.hazards.iter().partition(|row| row.state.is_open());
    html! {
        <>
            if seen.graded.barred {
                <Banner tone={Tone::Bad} text={words.safety_barred()} />
            }
            { grade(words, seen, today) }
            <Propose key={unit.to_string()} {unit} grade={seen.graded.grade} wanted={seen.wanted.clone()} />
            <Cells title={words.safety_hazards()}>
                { for open.iter().map(|row| hazard(words, row, today)) }
                if open.is_empty() {
                    <div class="weui-cell"><p class="quiet">{ words.safety_hazards_none() }</p></div>
                }
            </Cells>
            if !done.is_empty() {
                <details class="fold">
                    <summary>{ words.safety_hazards_done() }{ format!(" {}", done.len()) }</summary>
                    <div class="weui-cells">{ for done.iter().map(|row| hazard(words, row, today)) }</div>
                </details>
            }
            <details class="fold">
                <summary>{ words.safety_checks() }{ format!(" {}", seen.checks.len()) }</summary>
                <div class="weui-cells">
                    { for seen.checks.iter().map(|check| {
                        let tags = html! {
                            <>
                                if check.withdrawn {
                                    <Tag text={words.taken_back_mark()} tone={Tone::Bad} />
                                }
                                if check.waiting {
                                    <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                                }
                            </>
                        };
                        let title = words.moment(check.observed_unix_ms, today);
                        let detail = words.check_counts(check);
                        html! { <LinkCell href={Route::PastCheck { id: check.id }.href()} {title} {detail} {tags} /> }
                    }) }
                    if seen.checks.is_empty() {
                        <div class="weui-cell"><p class="quiet">{ words.safety_checks_none() }</p></div>
                    }
                </div>
            </details>
            <Cells>
                <LinkCell href={Route::Letter { id: unit }.href()} title={words.letter_title()} tags={letter(words, seen.letter)} />
            </Cells>
        </>
    }
}

fn grade(words: Words, seen: &SafetyView, today: &str) -> Html {
    let graded = &seen.graded;
    html! {
        <div class="card">
            <p class="card-tags"><Tag text={words.grade_name(graded.grade)} tone={grade_tone(graded.grade)} /></p>
            if let Some(set) = &graded.set {
                <p>{ words.grade_set_by(&set.reviewer, &set.on, &set.reason, today) }</p>
            }
            if graded.reasons.is_empty() {
                <p class="quiet">{ words.safety_no_reason() }</p>
            } else {
                <ul class="reasons" aria-label={words.safety_reasons()}>
                    { for graded.reasons.iter().map(|reason| html! { <li>{ words.grade_reason(reason, today) }</li> }) }
                </ul>
            }
            if let Some(due) = &seen.next_due {
                <Fact name={words.safety_next_due()}><DueTag due={due.clone()} today={today.to_owned()} /></Fact>
            }
            <p class="quiet">{ words.safety_home_only() }</p>
        </div>
    }
}

/// The colour beside the word.
pub fn grade_tone(grade: Grade) -> Tone {
    match grade {
        Grade::Green => Tone::Good,
        Grade::Yellow => Tone::Wait,
        Grade::Red => Tone::Bad,
    }
}

/// A hazard in a list.
pub fn hazard(words: Words, row: &HazardRow, today: &str) -> Html {
    let tags = html! {
        <>
            if let Some(due) = &row.due {
                <DueTag due={due.clone()} today={today.to_owned()} />
            } else {
                <Tag text={words.label(row.state)} tone={Tone::Good} />
            }
            if row.waiting {
                <Tag text={words.waiting_mark()} tone={Tone::Wait} />
            }
        </>
    };
    let detail = format!("{} · {}", words.severity(row.severity), words.label(row.state));
    html! { <LinkCell href={Route::Hazard { id: row.id }.href()} title={words.hazard_line(row)} {detail} {tags} /> }
}

fn letter(words: Words, standing: LetterStanding) -> Html {
    let tone = match standing {
        LetterStanding::Missing | LetterStanding::Expired => Tone::Wait,
        LetterStanding::OnPaper | LetterStanding::Drawn => Tone::Good,
    };
    html! { <Tag text={words.letter_standing(standing)} {tone} /> }
}
