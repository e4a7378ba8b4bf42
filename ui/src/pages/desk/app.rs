//! The desk: who is signed in, which page, the navigation at the left.

use std::rc::Rc;

use ui_protocol::desk::{Me, MeReply};
use ui_protocol::session::Settings;
use ui_protocol::{ErrorCode, Topic};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::{KINDS, Route};
use super::{devices, held, overview, permits, plates, proof, records, restored, safety, sign_in, sweeps, why};
use crate::backend::{Asker, http};
use crate::hooks::{Answer, NoticeBoard, apply_settings, use_asker, use_call, use_dark_system, use_notices};
use crate::parts::{Button, Empty, Look, Skeleton, Trouble};
use crate::words::{Language, Words, use_words};

/// Where the language is remembered in this browser; nothing else is.
const LANGUAGE_KEY: &str = "doorstep-desk-language";

/// The officer's page.
#[component(DeskApp)]
pub fn desk_app() -> Html {
    let asker = use_memo((), |()| Asker::new(Box::new(http::Http::desk())));
    let language = use_state(remembered_language);
    let dark_system = use_dark_system();
    let words = Words::of(*language);
    use_effect_with((*language, dark_system), move |(language, dark_system)| {
        let settings = Settings { language: language.tag().to_owned(), ..Settings::default() };
        apply_settings(&settings, *dark_system, words.desk_name());
    });
    let on_language = {
        let language = language.setter();
        Callback::from(move |chosen: Language| {
            remember_language(chosen);
            language.set(chosen);
        })
    };
    html! {
        <ContextProvider<Asker> context={(*asker).clone()}>
            <ContextProvider<Words> context={words}>
                <NoticeBoard>
                    <HashRouter>
                        <Whoever {on_language} />
                    </HashRouter>
                </NoticeBoard>
            </ContextProvider<Words>>
        </ContextProvider<Asker>>
    }
}

fn remembered_language() -> Language {
    let stored = web_sys::window()
        .and_then(|window| window.local_storage().ok().flatten())
        .and_then(|storage| storage.get_item(LANGUAGE_KEY).ok().flatten());
    Language::from_setting(stored.as_deref().unwrap_or_default())
}

fn remember_language(language: Language) {
    if let Some(storage) = web_sys::window().and_then(|window| window.local_storage().ok().flatten()) {
        // A browser that keeps nothing asks again next time.
        let _kept = storage.set_item(LANGUAGE_KEY, language.tag());
    }
}

/// Who is signed in, for the pages below.
#[derive(Clone, PartialEq)]
pub struct Officer {
    /// The answer.
    pub me: Rc<MeReply>,
}

/// Properties of [`Whoever`].
#[derive(Properties, PartialEq)]
struct WhoeverProps {
    on_language: Callback<Language>,
}

#[component(Whoever)]
fn whoever(props: &WhoeverProps) -> Html {
    let words = use_words();
    let asked = use_call(Me {}, &[Topic::Session]);
    match &asked.answer {
        Answer::Waiting => {
            html! { <main class="desk-main"><h1 class="unseen">{ words.desk_name() }</h1><Skeleton again={asked.again.clone()} /></main> }
        }
        Answer::Failed(error) if error.code == ErrorCode::SignedOut => html! { <sign_in::SignIn /> },
        Answer::Failed(error) => html! {
            <main class="desk-main"><h1 class="unseen">{ words.desk_name() }</h1><Trouble error={error.clone()} again={asked.again.clone()} /></main>
        },
        Answer::Ready(me) => html! {
            <ContextProvider<Officer> context={Officer { me: me.clone() }}>
                <Frame me={me.clone()} on_language={props.on_language.clone()} />
            </ContextProvider<Officer>>
        },
    }
}

/// Properties of [`Frame`].
#[derive(Properties, PartialEq)]
struct FrameProps {
    me: Rc<MeReply>,
    on_language: Callback<Language>,
}

#[component(Frame)]
fn frame(props: &FrameProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let route = use_route::<Route>().unwrap_or(Route::Lost);
    let on_sign_out = Callback::from(move |()| {
        let (asker, notices) = (asker.clone(), notices.clone());
        spawn_local(async move {
            match http::sign_out().await {
                Ok(()) => asker.announce(&[Topic::Session]),
                Err(error) => notices.say(words.failure(&error)),
            }
        });
    });
    let other = if words.language() == Language::Chinese { Language::English } else { Language::Chinese };
    let on_language = {
        let on_language = props.on_language.clone();
        Callback::from(move |()| on_language.emit(other))
    };
    let link = |to: Route, label: &'static str, here: bool| {
        html! { <a class={classes!("desk-link", here.then_some("desk-link-here"))} href={to.href()} aria-current={here.then_some("page")}>{ label }</a> }
    };
    let in_records = matches!(route, Route::Records { .. });
    html! {
        <div class="desk">
            <nav class="desk-nav" aria-label={words.tabs_label()}>
                <p class="desk-name">{ words.desk_name() }</p>
                { link(Route::Overview, words.desk_overview(), route == Route::Overview) }
                { link(Route::Records { kind: KINDS[0].to_owned() }, words.desk_records(), in_records) }
                { link(Route::Permits, words.desk_permits(), route == Route::Permits) }
                { link(Route::Safety, words.safety_title(), route == Route::Safety) }
                { link(Route::Sweeps, words.sweeps_title(), route == Route::Sweeps) }
                { link(Route::Plates, words.plate_title(), route == Route::Plates) }
                { link(Route::Held, words.held_title(), route == Route::Held) }
                { link(Route::Devices, words.desk_devices(), route == Route::Devices) }
                { link(Route::Proof, words.proof_title(), route == Route::Proof) }
                { link(Route::Why, words.why_title(), route == Route::Why) }
                <div class="desk-nav-end">
                    <p class="quiet">{ format!("{} · {}", props.me.account.name, words.role(props.me.account.role)) }</p>
                    <Button look={Look::Small} label={if other == Language::English { words.language_english() } else { words.language_chinese() }} on_click={on_language} />
                    <Button look={Look::Small} label={words.sign_out()} on_click={on_sign_out} />
                </div>
            </nav>
            <div class="desk-body">
            if route != Route::Restored {
                <restored::RestoredBanner />
            }
            { match route {
                Route::Overview => html! { <overview::Overview /> },
                Route::Records { kind } => html! { <records::Records key={kind.clone()} kind={kind.clone()} /> },
                Route::Permits => html! { <permits::Permits /> },
                Route::Safety => html! { <safety::Safety /> },
                Route::Sweeps => html! { <sweeps::Sweeps /> },
                Route::Plates => html! { <plates::Plates /> },
                Route::Held => html! { <held::Held /> },
                Route::Devices => html! { <devices::Devices /> },
                Route::Proof => html! { <proof::Proof /> },
                Route::Why => html! { <why::Why /> },
                Route::Restored => html! { <restored::Restored /> },
                Route::Lost => html! { <main class="desk-main"><h1>{ words.page_lost() }</h1><Empty title={words.page_lost()} help={words.page_lost_help()} /></main> },
            } }
            </div>
        </div>
    }
}
