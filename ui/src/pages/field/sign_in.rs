//! Signing in, offline too, and setting a forgotten password anew.

use ui_protocol::session::{ResetPassword, SignIn as AskSignIn};
use yew::prelude::*;

use crate::hooks::{use_frame, use_submit};
use crate::parts::{Button, InputKind, Look, Said, Screen, SwitchField, TextField, Trouble, focus_first_problem};
use crate::words::use_words;

/// The shortest password an account may have.
const PASSWORD_MIN: usize = 8;

fn wrong(text: &'static str) -> Option<Said> {
    Some(Said { text: AttrValue::Static(text), warning: false })
}

/// The password page.
#[component(SignIn)]
pub fn sign_in() -> Html {
    let forgotten = use_state(|| false);
    let switch = {
        let forgotten = forgotten.clone();
        Callback::from(move |()| forgotten.set(!*forgotten))
    };
    if *forgotten {
        html! { <Reset back={switch} /> }
    } else {
        html! { <Password on_forgotten={switch} /> }
    }
}

/// Properties of [`Password`].
#[derive(Properties, PartialEq)]
struct PasswordProps {
    on_forgotten: Callback<()>,
}

#[component(Password)]
fn password(props: &PasswordProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let password = use_state(String::new);
    let tried = use_state(|| false);
    let shown = use_state(|| false);
    let submit = use_submit::<AskSignIn>(Callback::noop());
    let onsubmit = {
        let (password, tried, send) = (password.clone(), tried.setter(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if password.is_empty() {
                focus_first_problem();
            } else {
                send.emit(AskSignIn { password: (*password).clone() });
            }
        })
    };
    let who = frame
        .status
        .account
        .as_ref()
        .map(|account| format!("{} · {}", account.name, words.role(account.role)))
        .unwrap_or_default();
    html! {
        <Screen title={words.app_name()}>
            <form {onsubmit} class="form" novalidate=true>
                <div class="hero">
                    <p class="hero-title">{ if who.is_empty() { words.sign_in().to_owned() } else { who } }</p>
                    <p>{ words.sign_in_offline() }</p>
                </div>
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <div class="weui-cells">
                    <TextField id="password" label={words.password()} kind={if *shown { InputKind::Text } else { InputKind::Password }} required=true
                        value={(*password).clone()} said={(*tried && password.is_empty()).then(|| wrong(words.password_missing())).flatten()}
                        on_change={
                            let password = password.setter();
                            move |text| password.set(text)
                        } />
                    <SwitchField id="password_shown" label={words.password_show()} value={*shown} on_change={
                        let shown = shown.setter();
                        move |on| shown.set(on)
                    } />
                </div>
                <div class="thumb">
                    <Button look={Look::Primary} submits=true label={words.sign_in()} busy={submit.state.is_busy()} busy_label={words.sign_in_busy()} />
                    <Button label={words.password_forgotten()} on_click={props.on_forgotten.clone()} />
                </div>
            </form>
        </Screen>
    }
}

/// Properties of [`Reset`].
#[derive(Properties, PartialEq)]
struct ResetProps {
    back: Callback<()>,
}

#[derive(Clone, Default, PartialEq)]
struct Typed {
    code: String,
    password: String,
    again: String,
}

#[component(Reset)]
fn reset(props: &ResetProps) -> Html {
    let words = use_words();
    let typed = use_state(Typed::default);
    let tried = use_state(|| false);
    let submit = use_submit::<ResetPassword>(Callback::noop());
    let code_said = typed.code.trim().is_empty().then(|| wrong(words.code_missing())).flatten();
    let password_said = (typed.password.chars().count() < PASSWORD_MIN).then(|| wrong(words.password_short())).flatten();
    let again_said = (typed.again != typed.password).then(|| wrong(words.password_differs())).flatten();
    let all_good = code_said.is_none() && password_said.is_none() && again_said.is_none();
    let told = |said: Option<Said>| said.filter(|_| *tried);
    let set = |put: fn(&mut Typed, String)| {
        let typed = typed.clone();
        Callback::from(move |text: String| {
            let mut next = (*typed).clone();
            put(&mut next, text);
            typed.set(next);
        })
    };
    let onsubmit = {
        let (typed, tried, send) = (typed.clone(), tried.setter(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if all_good {
                send.emit(ResetPassword { code: typed.code.trim().to_owned(), password: typed.password.clone() });
            } else {
                focus_first_problem();
            }
        })
    };
    html! {
        <Screen title={words.reset_title()}>
            <form {onsubmit} class="form" novalidate=true>
                <div class="hero"><p>{ words.reset_help() }</p></div>
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <div class="weui-cells">
                    <TextField id="code" label={words.enrol_code()} kind={InputKind::Code} value={typed.code.clone()} required=true
                        said={told(code_said)} on_change={set(|typed, text| typed.code = text)} />
                    <TextField id="password" label={words.password_new()} kind={InputKind::NewPassword} value={typed.password.clone()} required=true
                        hint={words.password_short()} said={told(password_said)} on_change={set(|typed, text| typed.password = text)} />
                    <TextField id="password_again" label={words.password_again()} kind={InputKind::NewPassword} value={typed.again.clone()} required=true
                        said={told(again_said)} on_change={set(|typed, text| typed.again = text)} />
                </div>
                <div class="thumb">
                    <Button look={Look::Primary} submits=true label={words.reset_submit()} busy={submit.state.is_busy()} busy_label={words.sign_in_busy()} />
                    <Button label={words.back()} on_click={props.back.clone()} />
                </div>
            </form>
        </Screen>
    }
}
