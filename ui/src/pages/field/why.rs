//! Why: somebody is missing, what the next sync sends, what became of an edit.

use domain::Verb;
use domain::id_document::{self, DocType};
use ui_protocol::Topic;
use ui_protocol::why::{ChangeView, Fate, PersonFact, SaveView, WhyEdit, WhyPerson, WhyPersonReply, WhySend};
use yew::prelude::*;
use yew_router::prelude::*;

use super::county::InCounty;
use super::route::{Route, WhyFilter};
use crate::hooks::{use_call, use_frame};
use crate::pages::shared;
use crate::parts::{Banner, Cells, Empty, LinkCell, Screen, SearchBar, Tag, Tone, answered};
use crate::words::{Words, use_words};

/// Documents whose numbers can be told from anything else.
const DOCUMENTS: [DocType; 4] = [DocType::Id, DocType::Hmrp, DocType::Twrp, DocType::Fpr];

/// The questions.
#[component(Why)]
pub fn why() -> Html {
    let words = use_words();
    let frame = use_frame();
    html! {
        <Screen title={words.why_title()} back={Route::Me.href()}>
            <Cells>
                if !frame.is_landlord() {
                    <LinkCell href={Route::WhyPerson.href()} title={words.why_person()} />
                }
                <LinkCell href={Route::WhySend.href()} title={words.why_send()} />
                <LinkCell href={Route::WhyEdit.href()} title={words.why_edit()} />
                <LinkCell href={Route::Proof.href()} title={words.proof_title()} />
            </Cells>
        </Screen>
    }
}

/// Why somebody is not to be seen.
#[component(Person)]
pub fn person() -> Html {
    let words = use_words();
    let frame = use_frame();
    let typed = use_state(String::new);
    let asked = use_call(WhyPerson { query: (*typed).clone() }, &[Topic::People, Topic::Sync]);
    let today = frame.today().to_owned();
    html! {
        <Screen title={words.why_person()} back={Route::Why.href()}>
            <SearchBar id="who" label={words.why_person_field()} value={(*typed).clone()} on_change={
                let typed = typed.setter();
                move |text| typed.set(text)
            } />
            <Banner tone={Tone::Calm} text={words.why_person_help()} />
            { answered(&asked, |reply| html! {
                <>
                <Cells>
                    { for reply.facts.iter().filter(|fact| !matches!(fact, PersonFact::AskCounty { .. })).map(|fact| {
                        let said = words.person_fact(fact, &today);
                        match fact {
                            PersonFact::Here { id, .. } => html! { <LinkCell href={Route::Person { id: *id }.href()} title={said} detail={words.why_look()} /> },
                            PersonFact::InTray { .. } => html! { <LinkCell href={Route::Attention.href()} title={said} detail={words.why_look()} /> },
                            _ => html! { <div class="weui-cell"><p>{ said }</p></div> },
                        }
                    }) }
                </Cells>
                { elsewhere(words, reply, &typed, frame.today_date()) }
                </>
            }) }
        </Screen>
    }
}

/// Who is not here may be registered in another village: a whole document number is looked up in the county on demand.
fn elsewhere(words: Words, reply: &WhyPersonReply, typed: &str, today: chrono::NaiveDate) -> Html {
    if reply.facts.is_empty() || reply.facts.iter().any(|fact| matches!(fact, PersonFact::Here { .. })) {
        return Html::default();
    }
    let is_whole = |doc_type: &DocType| id_document::check(*doc_type, typed, today).is_ok();
    match DOCUMENTS.into_iter().find(is_whole) {
        Some(doc_type) => {
            let doc_no: AttrValue = typed.trim().to_owned().into();
            html! { <InCounty key={doc_no.to_string()} {doc_type} doc_no={doc_no.clone()} /> }
        }
        None => html! { <p class="quiet why-elsewhere">{ words.why_person_county() }</p> },
    }
}

/// What the next sync sends.
#[component(Send)]
pub fn send() -> Html {
    let words = use_words();
    let asked = use_call(WhySend {}, &[Topic::Sync]);
    html! {
        <Screen title={words.why_send()} back={Route::Why.href()}>
            { answered(&asked, |reply| {
                if reply.saves.is_empty() {
                    return html! { <Empty title={words.why_send_empty()} help={words.why_send_empty_help()} /> };
                }
                html! {
                    <>
                        <Banner tone={Tone::Calm} text={words.why_send_size(reply.changes, reply.bytes)} />
                        { for reply.saves.iter().map(|save| html! { <Save key={save.no.clone()} save={save.clone()} /> }) }
                    </>
                }
            }) }
        </Screen>
    }
}

/// What became of an edit.
#[component(Edit)]
pub fn edit() -> Html {
    let words = use_words();
    let asked_for = use_location().and_then(|location| location.query::<WhyFilter>().ok()).unwrap_or_default().no;
    let typed = use_state(|| asked_for);
    let asked = use_call(WhyEdit { no: whole_number(&typed) }, &[Topic::Sync, Topic::Attention]);
    html! {
        <Screen title={words.why_edit()} back={Route::Why.href()}>
            <SearchBar id="number" label={words.why_edit_field()} value={(*typed).clone()} on_change={
                let typed = typed.setter();
                move |text| typed.set(text)
            } />
            <Banner tone={Tone::Calm} text={words.why_edit_help()} />
            { answered(&asked, |reply| {
                if reply.saves.is_empty() && whole_number(&typed).is_empty() {
                    return html! { <Empty title={words.why_edit_nothing()} help={words.why_edit_empty_help()} /> };
                }
                if reply.saves.is_empty() {
                    return html! { <Empty title={words.why_edit_empty()} help={words.why_edit_empty_help()} /> };
                }
                html! { <>{ for reply.saves.iter().map(|save| html! { <Save key={save.no.clone()} save={save.clone()} /> }) }</> }
            }) }
        </Screen>
    }
}

/// Half a number asks for the last saves still.
fn whole_number(typed: &str) -> String {
    let letters = typed.chars().filter(|letter| letter.is_ascii_alphanumeric()).count();
    if letters < 8 { String::new() } else { typed.to_owned() }
}

/// Properties of [`Save`].
#[derive(Properties, PartialEq)]
struct SaveProps {
    save: SaveView,
}

/// One save with the fate of each of its changes.
#[component(Save)]
fn save(props: &SaveProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let SaveView { changes, at_unix_ms, .. } = &props.save;
    let areas: Vec<(String, String)> = frame.status.areas.iter().map(|area| (area.code.clone(), area.name.clone())).collect();
    html! {
        <article class="clash">
            <p class="clash-title">{ words.why_save(&props.save, &words.moment(*at_unix_ms, frame.today())) }</p>
            { for changes.iter().map(|change| html! {
                <div class="side">
                    <p class="side-name">{ named(words, change) }</p>
                    <Tag text={words.fate(&change.fate)} tone={tone(&change.fate)} />
                    { for change.groups.iter().filter(|(_, fields)| !fields.is_empty()).map(|(group, fields)| html! {
                        <>
                            <p class="quiet">{ format!("{} {}", words.group(group), verb(words, change.verb)) }</p>
                            { shared::values(words, group, &shared::with_area_names(fields, &areas), frame.today(), words.value_empty()) }
                        </>
                    }) }
                </div>
            }) }
        </article>
    }
}

fn named(words: Words, change: &ChangeView) -> String {
    let kind = words.kind(&change.kind);
    if change.title.is_empty() { kind.to_owned() } else { format!("{} · {kind}", change.title) }
}

fn verb(words: Words, verb: Verb) -> &'static str {
    match verb {
        Verb::Create => words.verb_create(),
        Verb::Set => words.verb_set(),
        Verb::Delete => words.verb_delete(),
        Verb::Restore => words.verb_restore(),
    }
}

fn tone(fate: &Fate) -> Tone {
    match fate {
        Fate::Ok => Tone::Good,
        Fate::Waiting | Fate::SentAgain | Fate::Held | Fate::Merged { settled: true, .. } => Tone::Wait,
        Fate::Merged { .. } | Fate::Refused { .. } | Fate::GivenUp => Tone::Bad,
    }
}
