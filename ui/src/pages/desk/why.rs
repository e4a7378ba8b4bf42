//! 为什么 at the desk: what became of a save by the number somebody reads out, and why somebody is not to be seen.

use domain::TxnId;
use ui_protocol::why::{
    StationChange, StationFact, StationFactsReply, StationFate, StationSave, StationSavesReply, StationWhyPerson, StationWhySave,
    Unsent,
};
use yew::prelude::*;
use yew_router::prelude::*;

use super::app::Officer;
use super::route::{HeldFilter, KINDS, Route, WhyFilter, held_href, records_href};
use crate::hooks::{use_call, use_submit};
use crate::parts::{
    Button, Cells, Empty, InputKind, LinkCell, Look, Said, Tag, TextField, Tone, Trouble, answered, focus_first_problem,
};
use crate::words::{Words, use_words};

/// Both questions.
#[component(Why)]
pub fn why() -> Html {
    let words = use_words();
    let today: AttrValue = use_context::<Officer>().map(|officer| officer.me.today.clone()).unwrap_or_default().into();
    html! {
        <main class="desk-main desk-why">
            <h1>{ words.why_title() }</h1>
            <SaveQuestion today={today.clone()} />
            <PersonQuestion {today} />
        </main>
    }
}

/// Properties of the questions.
#[derive(Properties, PartialEq)]
struct QuestionProps {
    today: AttrValue,
}

/// The number stands in the address: it can be sent on, and it names nobody.
#[component(SaveQuestion)]
fn save_question(props: &QuestionProps) -> Html {
    let words = use_words();
    let navigator = use_navigator();
    let asked_for = use_location().and_then(|location| location.query::<WhyFilter>().ok()).unwrap_or_default().no;
    let typed = use_state(|| asked_for.clone());
    let tried = use_state(|| !asked_for.is_empty());
    use_effect_with(asked_for.clone(), {
        let typed = typed.setter();
        move |asked_for: &String| {
            if !asked_for.is_empty() {
                typed.set(asked_for.clone());
            }
        }
    });
    let problem = if typed.trim().is_empty() {
        Some(words.station_why_number_missing())
    } else if TxnId::tail_of_number(&typed).is_none() {
        Some(words.station_why_number_wrong())
    } else {
        None
    };
    let said = problem.filter(|_| *tried).map(|text| Said { text: AttrValue::Static(text), warning: false });
    let onsubmit = {
        let (typed, tried, good) = (typed.clone(), tried.setter(), problem.is_none());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if !good {
                focus_first_problem();
            } else if let Some(navigator) = &navigator {
                let no = typed.trim().to_uppercase();
                // Letters and digits, which an address can always hold.
                let _went = navigator.replace_with_query(&Route::Why, &WhyFilter { no });
            }
        })
    };
    let is_number = TxnId::tail_of_number(&asked_for).is_some();
    html! {
        <section aria-labelledby="why-save">
            <h2 id="why-save" class="desk-h2">{ words.station_why_save() }</h2>
            <p class="quiet">{ words.station_why_save_help() }</p>
            <form class="desk-ask" {onsubmit} novalidate=true>
                <TextField id="save_no" label={words.why_edit_field()} kind={InputKind::Code} value={(*typed).clone()} required=true {said} max={40}
                    on_change={
                        let (typed, tried) = (typed.setter(), tried.setter());
                        move |text| {
                            tried.set(false);
                            typed.set(text);
                        }
                    } />
                <Button look={Look::Primary} submits=true label={words.station_why_ask()} />
            </form>
            if is_number {
                <Saves key={asked_for.clone()} no={asked_for.clone()} today={props.today.clone()} />
            }
        </section>
    }
}

/// Properties of [`Saves`].
#[derive(Properties, PartialEq)]
struct SavesProps {
    no: AttrValue,
    today: AttrValue,
}

#[component(Saves)]
fn saves(props: &SavesProps) -> Html {
    let words = use_words();
    let asked = use_call(StationWhySave { no: props.no.to_string() }, &[]);
    html! {
        <div aria-live="polite">
            { answered(&asked, |reply: &std::rc::Rc<StationSavesReply>| {
                if reply.saves.is_empty() {
                    return html! {
                        <>
                            <Empty title={words.station_why_none()} help={words.station_why_none_help()} />
                            { unsent(words, &reply.unsent, &props.today) }
                        </>
                    };
                }
                html! { { for reply.saves.iter().map(|save| one_save(words, save, &props.today)) } }
            }) }
        </div>
    }
}

fn one_save(words: Words, save: &StationSave, today: &str) -> Html {
    let (saved, received) = (words.moment(save.at_unix_ms, today), words.moment(save.received_unix_ms, today));
    html! {
        <article class="clash" key={format!("{} {}", save.no, save.received_unix_ms)}>
            <h3 class="clash-title">{ format!("{} {}", words.save_number(), save.no) }</h3>
            <p class="quiet">{ words.station_save_by(&save.by, save.device, &saved, &received) }</p>
            { for save.changes.iter().map(|change| one_change(words, change)) }
        </article>
    }
}

fn one_change(words: Words, change: &StationChange) -> Html {
    let kind = words.kind(&change.kind);
    let title = if change.title.is_empty() { kind.to_owned() } else { format!("{} · {kind}", change.title) };
    let groups = change.groups.iter().map(|group| words.group(group)).collect::<Vec<_>>().join(words.pick("、", ", "));
    let tone = match &change.fate {
        StationFate::Ok => Tone::Good,
        StationFate::Refused { .. } => Tone::Bad,
        StationFate::Merged | StationFate::Held { .. } => Tone::Wait,
    };
    let record = change.record.filter(|_| KINDS.contains(&change.kind.as_str()));
    html! {
        <div class="side">
            <p class="side-name">{ title }</p>
            <p class="quiet">{ format!("{} {groups}", words.held_verb(change.verb)) }</p>
            <p><Tag text={words.station_fate(&change.fate)} {tone} /></p>
            if let Some(id) = record {
                <p><a class="inline-link" href={records_href(&change.kind, "", &id.to_string())}>{ words.open_record() }</a></p>
            }
            if let StationFate::Held { number, .. } = &change.fate && *number > 0 {
                <p><a class="inline-link" href={held_one(*number)}>{ words.station_why_go() }</a></p>
            }
        </div>
    }
}

fn held_one(number: i64) -> AttrValue {
    held_href(&HeldFilter { id: number.to_string(), decided: "1".to_owned(), ..HeldFilter::default() })
}

/// A name or a document number stands in no address: it is asked for once, on the button.
#[component(PersonQuestion)]
fn person_question(props: &QuestionProps) -> Html {
    let words = use_words();
    let typed = use_state(String::new);
    let tried = use_state(|| false);
    let answer = use_state(|| None::<StationFactsReply>);
    let submit = use_submit::<StationWhyPerson>({
        let answer = answer.setter();
        Callback::from(move |reply| answer.set(Some(reply)))
    });
    let is_missing = typed.trim().chars().count() < 2;
    let said =
        (*tried && is_missing).then_some(Said { text: AttrValue::Static(words.station_why_person_missing()), warning: false });
    let onsubmit = {
        let (typed, tried, send) = (typed.clone(), tried.setter(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if is_missing {
                focus_first_problem();
            } else {
                send.emit(StationWhyPerson { query: typed.trim().to_owned() });
            }
        })
    };
    html! {
        <section aria-labelledby="why-person">
            <h2 id="why-person" class="desk-h2">{ words.station_why_person() }</h2>
            <p class="quiet">{ words.station_why_person_help() }</p>
            <form class="desk-ask" {onsubmit} novalidate=true>
                <TextField id="who" label={words.why_person_field()} value={(*typed).clone()} required=true {said} max={60} on_change={
                    let (typed, answer, tried) = (typed.setter(), answer.setter(), tried.setter());
                    move |text| {
                        answer.set(None);
                        tried.set(false);
                        typed.set(text);
                    }
                } />
                <Button look={Look::Primary} submits=true label={words.station_why_ask()} busy={submit.state.is_busy()} />
            </form>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div aria-live="polite">
                if let Some(reply) = &*answer {
                    <Cells>{ for reply.facts.iter().map(|fact| one_fact(words, fact, reply.county, &props.today)) }</Cells>
                    { unsent(words, &reply.unsent, &props.today) }
                }
            </div>
        </section>
    }
}

fn one_fact(words: Words, fact: &StationFact, county: bool, today: &str) -> Html {
    let said = words.station_fact(fact, county, today);
    match fact {
        StationFact::Here { id, .. } => {
            html! { <LinkCell href={records_href("person", "", &id.to_string())} title={said} detail={words.open_record()} /> }
        }
        StationFact::Held { number, .. } => {
            html! { <LinkCell href={held_one(*number)} title={said} detail={words.station_why_go()} /> }
        }
        _ => html! { <div class="weui-cell"><p>{ said }</p></div> },
    }
}

/// Phones whose work may hold what is looked for.
fn unsent(words: Words, unsent: &[Unsent], today: &str) -> Html {
    if unsent.is_empty() {
        return Html::default();
    }
    html! {
        <Cells title={words.station_why_unsent()}>
            { for unsent.iter().map(|device| html! {
                <LinkCell href={Route::Devices.href()} title={words.station_unsent(device, today)} />
            }) }
        </Cells>
    }
}
