//! Becoming a device of an account: the server's address, a one-time code, the password.

use ui_protocol::session::Enrol as AskEnrol;
use web_sys::UrlSearchParams;
use yew::prelude::*;

use crate::hooks::use_submit;
use crate::parts::{Button, InputKind, Look, Said, Screen, SwitchField, TextField, Trouble, focus_first_problem};
use crate::words::use_words;

#[derive(Clone, Default, PartialEq)]
struct Typed {
    server: String,
    code: String,
    password: String,
}

/// The first page of a new device. The address may bring server and code along, so that a QR picture fills them in.
#[component(Enrol)]
pub fn enrol() -> Html {
    let words = use_words();
    let typed = use_state(from_address);
    let tried = use_state(|| false);
    let shown = use_state(|| false);
    let submit = use_submit::<AskEnrol>(Callback::noop());
    let missing = |text: &str, sentence: &'static str| {
        (*tried && text.trim().is_empty()).then_some(Said { text: AttrValue::Static(sentence), warning: false })
    };
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
            if [&typed.server, &typed.code, &typed.password].into_iter().any(|text| text.trim().is_empty()) {
                focus_first_problem();
                return;
            }
            send.emit(AskEnrol {
                server: with_scheme(&typed.server),
                code: typed.code.trim().to_owned(),
                password: typed.password.clone(),
            });
        })
    };
    html! {
        <Screen title={words.app_name()}>
            <form {onsubmit} class="form" novalidate=true>
                <div class="hero">
                    <p class="hero-title">{ words.enrol_title() }</p>
                    <p>{ words.enrol_help() }</p>
                </div>
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <div class="weui-cells">
                    <TextField id="server" label={words.enrol_server()} kind={InputKind::Address} value={typed.server.clone()} required=true
                        said={missing(&typed.server, words.server_missing())} on_change={set(|typed, text| typed.server = text)} />
                    <TextField id="code" label={words.enrol_code()} kind={InputKind::Code} value={typed.code.clone()} required=true
                        said={missing(&typed.code, words.code_missing())} on_change={set(|typed, text| typed.code = text)} />
                    <TextField id="password" label={words.password()} kind={if *shown { InputKind::Text } else { InputKind::Password }}
                        value={typed.password.clone()} required=true said={missing(&typed.password, words.password_missing())}
                        on_change={set(|typed, text| typed.password = text)} />
                    <SwitchField id="password_shown" label={words.password_show()} value={*shown} on_change={
                        let shown = shown.setter();
                        move |on| shown.set(on)
                    } />
                </div>
                <div class="thumb">
                    <Button look={Look::Primary} submits=true label={words.enrol_submit()} busy={submit.state.is_busy()} busy_label={words.enrol_busy()} />
                </div>
            </form>
        </Screen>
    }
}

fn from_address() -> Typed {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return Typed::default();
    };
    let (search, hash) = (location.search().unwrap_or_default(), location.hash().unwrap_or_default());
    let after_mark = hash.split_once('?').map_or_else(|| hash.trim_start_matches('#').to_owned(), |(_, query)| query.to_owned());
    let mut typed = Typed::default();
    for query in [search, after_mark] {
        let Ok(parameters) = UrlSearchParams::new_with_str(&query) else {
            continue;
        };
        for (name, field) in [("server", &mut typed.server), ("code", &mut typed.code)] {
            if let Some(value) = parameters.get(name) {
                *field = value;
            }
        }
    }
    typed
}

/// People leave the scheme out. Anything but this very machine is reached over TLS.
fn with_scheme(server: &str) -> String {
    let server = server.trim().trim_end_matches('/');
    if server.contains("://") {
        return server.to_owned();
    }
    let host = server.split(['/', ':']).next().unwrap_or_default();
    let scheme = if matches!(host, "localhost" | "127.0.0.1") || server.starts_with("[::1]") { "http" } else { "https" };
    format!("{scheme}://{server}")
}

#[cfg(test)]
mod tests {
    use super::with_scheme;

    #[test]
    fn the_scheme_may_be_left_out() {
        let rows = [
            ("https://dm.example.gov.cn", "https://dm.example.gov.cn"),
            (" dm.example.gov.cn/ ", "https://dm.example.gov.cn"),
            ("127.0.0.1:8443", "http://127.0.0.1:8443"),
            ("localhost:8443", "http://localhost:8443"),
            ("[::1]:8443", "http://[::1]:8443"),
            ("http://10.0.0.2:80/", "http://10.0.0.2:80"),
        ];
        for (typed, address) in rows {
            assert_eq!(with_scheme(typed), address);
        }
    }
}
