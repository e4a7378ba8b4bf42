//! The officer's sign-in.

use ui_protocol::{Topic, UiError};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::backend::http;
use crate::hooks::use_asker;
use crate::parts::{Button, InputKind, Look, Said, TextField, Trouble, focus_first_problem};
use crate::words::use_words;

/// Login and password.
#[component(SignIn)]
pub fn sign_in() -> Html {
    let words = use_words();
    let asker = use_asker();
    let login = use_state(String::new);
    let password = use_state(String::new);
    let tried = use_state(|| false);
    let busy = use_state(|| false);
    let failed = use_state(|| None::<UiError>);
    let missing = |text: &str, sentence: &'static str| {
        (*tried && text.trim().is_empty()).then_some(Said { text: AttrValue::Static(sentence), warning: false })
    };
    let onsubmit = {
        let (login, password, tried, busy, failed) =
            (login.clone(), password.clone(), tried.setter(), busy.clone(), failed.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if login.trim().is_empty() || password.is_empty() {
                focus_first_problem();
                return;
            }
            if *busy {
                return;
            }
            busy.set(true);
            let (asker, login, password) = (asker.clone(), login.trim().to_owned(), (*password).clone());
            let (busy, failed) = (busy.setter(), failed.clone());
            spawn_local(async move {
                let outcome = http::sign_in(&login, &password).await;
                busy.set(false);
                failed.set(outcome.as_ref().err().cloned());
                if outcome.is_ok() {
                    asker.announce(&[Topic::Session]);
                }
            });
        })
    };
    let set = |state: &UseStateHandle<String>| {
        let setter = state.setter();
        Callback::from(move |text: String| setter.set(text))
    };
    html! {
        <main class="desk-door">
            <form class="form" {onsubmit} novalidate=true>
                <h1 class="hero-title">{ words.desk_name() }</h1>
                <p class="quiet">{ words.desk_sign_in_title() }</p>
                if let Some(error) = &*failed {
                    <Trouble error={error.clone()} />
                }
                <div class="weui-cells">
                    <TextField id="login" label={words.desk_login()} kind={InputKind::Login} value={(*login).clone()} required=true
                        said={missing(&login, words.desk_login_missing())} on_change={set(&login)} />
                    <TextField id="password" label={words.password()} kind={InputKind::Password} value={(*password).clone()} required=true
                        said={missing(&password, words.password_missing())} on_change={set(&password)} />
                </div>
                <Button look={Look::Primary} submits=true label={words.sign_in()} busy={*busy} busy_label={words.sign_in_busy()} />
            </form>
        </main>
    }
}
