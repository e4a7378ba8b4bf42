//! After somebody was registered: what came of it, and the next person. And what every resident may read before.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::lookups::NoticeText;
use ui_protocol::people::SavedResident;
use yew::prelude::*;

use super::route::Route;
use super::undo::use_undo;
use crate::hooks::{use_call, use_frame};
use crate::parts::{Banner, Button, DueTag, Look, Sheet, Tone, answered};
use crate::words::{Language, Words, use_words};

/// Properties of [`NoticeSheet`].
#[derive(Properties, PartialEq)]
pub struct NoticeSheetProps {
    /// It is on the screen: its version.
    #[prop_or_default]
    pub on_shown: Callback<String>,
    /// It was read.
    pub on_close: Callback<()>,
}

/// What the resident is told before anything is asked.
#[component(NoticeSheet)]
pub fn notice_sheet(props: &NoticeSheetProps) -> Html {
    let words = use_words();
    let asked = use_call(NoticeText {}, &[]);
    let version = asked.answer.ready().map(|notice| notice.version.clone());
    use_effect_with(version, {
        let on_shown = props.on_shown.clone();
        move |version: &Option<String>| {
            if let Some(version) = version.as_ref().filter(|version| !version.is_empty()) {
                on_shown.emit(version.clone());
            }
        }
    });
    html! {
        <Sheet title={words.notice_title()} on_close={props.on_close.clone()}>
            { answered(&asked, |notice| html! {
                <>
                    { for words_of(words, &notice.zh, &notice.en).lines().map(|line| html! { <p>{ line }</p> }) }
                    <p class="quiet">{ words.notice_named(&notice.version) }</p>
                </>
            }) }
        </Sheet>
    }
}

fn words_of<'a>(words: Words, chinese: &'a str, english: &'a str) -> &'a str {
    if words.language() == Language::English && !english.is_empty() { english } else { chinese }
}

/// Properties of [`Finished`].
#[derive(Properties, PartialEq)]
pub struct FinishedProps {
    /// Who.
    pub name: String,
    /// What came of it.
    pub saved: Rc<SavedResident>,
    /// The home.
    pub unit: RecordId,
    /// It was in the middle of a visit, which goes on.
    #[prop_or_default]
    pub in_visit: bool,
    /// Registers another member of the family.
    pub on_family: Option<Callback<()>>,
    /// Registers somebody else in the same home.
    pub on_another: Option<Callback<()>>,
}

/// What came of it, and the next person of the same home.
#[component(Finished)]
pub fn finished(props: &FinishedProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let undo = use_undo();
    let referral = props.saved.referral.as_ref();
    let unit = props.unit;
    html! {
        <div class="finished">
            <p class="finished-title">{ if referral.is_some() { words.referral_saved().to_owned() } else { words.registered(&props.name) } }</p>
            if let Some((_, due)) = referral {
                <p><DueTag due={due.clone()} today={frame.today().to_owned()} /></p>
                <p>{ words.referral_help() }</p>
                if let Some((id, _)) = referral {
                    <a class="weui-btn button button-plain" href={Route::Referral { id: *id }.href()}>{ words.referral_open() }</a>
                }
            } else {
                <p>{ words.saved_person_help() }</p>
            }
            if let Some(person) = props.saved.person {
                <Button look={Look::Small} label={words.undo()} on_click={move |()| undo.emit((person, Route::Home { id: unit }))} />
            }
            { for props.saved.warnings.iter().map(|warning| html! { <Banner tone={Tone::Wait} text={words.problem(&warning.problem)} /> }) }
            <div class="thumb">
                if let Some(on_family) = &props.on_family {
                    <Button look={Look::Primary} label={words.add_family()} on_click={on_family.clone()} />
                    <p class="quiet">{ words.add_family_help() }</p>
                }
                if let Some(on_another) = &props.on_another {
                    <Button label={words.add_another()} on_click={on_another.clone()} />
                }
                if let Some(person) = props.saved.person {
                    <a class="weui-btn button button-plain" href={Route::Person { id: person }.href()}>{ words.to_person() }</a>
                }
                if props.in_visit {
                    <a class="weui-btn button button-plain" href={Route::Visit { id: props.unit }.href()}>{ words.visit_back_to() }</a>
                } else {
                    <a class="weui-btn button button-plain" href={Route::Home { id: props.unit }.href()}>{ words.to_home() }</a>
                }
            </div>
        </div>
    }
}
