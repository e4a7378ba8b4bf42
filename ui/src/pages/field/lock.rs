//! The lock screen: a number pad, what is safe, and the way out when nobody knows the PIN any more.

use gloo_timers::callback::Interval;
use ui_protocol::lock::{BeginAnew, HandInSealed, HandedIn, PIN_DIGITS_MAX, PIN_DIGITS_MIN, Unlock};
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::hooks::{use_frame, use_submit};
use crate::parts::{Banner, Button, Dialog, Look, Screen, Tone, Trouble};
use crate::words::use_words;

const SECOND_MS: u32 = 1_000;
/// As on a telephone; the last row has the zero in its middle.
const DIGITS: [char; 9] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/// What stands before everything else while it is locked.
#[component(LockScreen)]
pub fn lock_screen() -> Html {
    let frame = use_frame();
    let forgotten = use_state(|| false);
    let switch = {
        let forgotten = forgotten.clone();
        Callback::from(move |()| forgotten.set(!*forgotten))
    };
    if frame.status.lock.key_gone || *forgotten {
        html! { <Forgotten back={(!frame.status.lock.key_gone).then_some(switch)} /> }
    } else {
        html! { <Pad on_forgotten={switch} /> }
    }
}

/// Properties of [`Pad`].
#[derive(Properties, PartialEq)]
struct PadProps {
    on_forgotten: Callback<()>,
}

#[component(Pad)]
fn pad(props: &PadProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let shown = &frame.status.lock;
    let pin = use_state(String::new);
    let field = use_node_ref();
    let submit = use_submit::<Unlock>(Callback::noop());
    let wait = use_wait(match submit.state.error() {
        Some(error) => error.retry_after_s,
        None => shown.retry_after_s,
    });
    // What was wrong is typed anew.
    use_effect_with(submit.state.error().is_some(), {
        let (pin, field) = (pin.setter(), field.clone());
        move |failed: &bool| {
            if *failed {
                pin.set(String::new());
            }
            focus(&field);
        }
    });
    let put = {
        let (pin, field) = (pin.clone(), field.clone());
        move |digit: Option<char>| {
            let (pin, field) = (pin.clone(), field.clone());
            Callback::from(move |_: MouseEvent| {
                let mut next = (*pin).clone();
                match digit {
                    Some(digit) if next.len() < PIN_DIGITS_MAX => next.push(digit),
                    Some(_) => {}
                    None => drop(next.pop()),
                }
                pin.set(next);
                focus(&field);
            })
        }
    };
    let oninput = {
        let pin = pin.setter();
        Callback::from(move |event: InputEvent| {
            let typed = event.target_unchecked_into::<HtmlInputElement>().value();
            pin.set(typed.chars().filter(char::is_ascii_digit).take(PIN_DIGITS_MAX).collect());
        })
    };
    let onsubmit = {
        let (pin, send) = (pin.clone(), submit.send.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if pin.len() >= PIN_DIGITS_MIN && wait == 0 {
                send.emit(Unlock { pin: (*pin).clone() });
            }
        })
    };
    let key = |digit: char| {
        html! { <button type="button" class="pad-key" onclick={put(Some(digit))}>{ digit }</button> }
    };
    let ready = pin.len() >= PIN_DIGITS_MIN && wait == 0;
    html! {
        <Screen title={words.app_name()}>
            <form {onsubmit} class="form lock" novalidate=true>
                <div class="hero">
                    <p class="hero-title">{ words.lock_title() }</p>
                    <p>{ words.lock_safe(shown) }</p>
                </div>
                if let Some(error) = submit.state.error() {
                    <Trouble error={ui_protocol::UiError { retry_after_s: 0, ..error.clone() }} />
                }
                <p class="lock-tries" role="status" data-testid="lock-tries">
                    { if wait > 0 { words.lock_wait(wait) } else { words.lock_tries(shown) } }
                </p>
                <div class="lock-field">
                    <label class="unseen" for="pin">{ words.lock_pin() }</label>
                    <input id="pin" ref={field} type="password" inputmode="none" autocomplete="off" maxlength={PIN_DIGITS_MAX.to_string()}
                        value={(*pin).clone()} {oninput} aria-describedby="pin-typed" />
                    <span id="pin-typed" class="unseen">{ words.lock_typed(pin.len()) }</span>
                </div>
                <div class="pad">
                    { for DIGITS.iter().map(|digit| key(*digit)) }
                    <button type="button" class="pad-key pad-word" onclick={put(None)} aria-label={words.lock_erase()}>{ "⌫" }</button>
                    { key('0') }
                    <button type="submit" class={classes!("pad-key", "pad-word", ready.then_some("pad-ready"))} aria-disabled={(!ready).then_some("true")}>
                        { if submit.state.is_busy() { words.lock_opening() } else { words.lock_open() } }
                    </button>
                </div>
                <div class="buttons">
                    <Button label={words.lock_forgotten()} on_click={props.on_forgotten.clone()} />
                </div>
            </form>
        </Screen>
    }
}

fn focus(field: &NodeRef) {
    if let Some(field) = field.cast::<HtmlElement>() {
        // Without it the keys on the screen still work.
        drop(field.focus());
    }
}

/// Seconds that are left, counted down.
#[hook]
fn use_wait(seconds: u64) -> u64 {
    let left = use_state(|| seconds);
    use_effect_with(seconds, {
        let left = left.setter();
        move |seconds: &u64| {
            left.set(*seconds);
            let held = std::cell::Cell::new(*seconds);
            let counting = (*seconds > 0).then(|| {
                Interval::new(SECOND_MS, move || {
                    held.set(held.get().saturating_sub(1));
                    left.set(held.get());
                })
            });
            move || drop(counting)
        }
    });
    *left
}

/// Properties of [`Forgotten`].
#[derive(Properties, PartialEq)]
struct ForgottenProps {
    /// Back to the pad, while there is something to open.
    back: Option<Callback<()>>,
}

#[component(Forgotten)]
fn forgotten(props: &ForgottenProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let shown = &frame.status.lock;
    let asking = use_state(|| false);
    let handed = use_state(|| None::<HandedIn>);
    let hand_in = use_submit::<HandInSealed>({
        let handed = handed.setter();
        Callback::from(move |reply| handed.set(Some(reply)))
    });
    let anew = use_submit::<BeginAnew>(Callback::noop());
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let help = match (shown.key_gone, shown.sealed > 0) {
        (false, _) => words.lock_forgotten_help(),
        (true, true) => words.lock_gone_help(),
        (true, false) => words.lock_gone_nothing(),
    };
    html! {
        <Screen title={words.app_name()}>
            <div class="form lock">
                <div class="hero">
                    <p class="hero-title">{ if shown.key_gone { words.lock_gone() } else { words.lock_forgotten() } }</p>
                    <p>{ help }</p>
                </div>
                if let Some(error) = hand_in.state.error().or(anew.state.error()) {
                    <Trouble error={error.clone()} />
                }
                if let Some(handed) = *handed {
                    <Banner tone={Tone::Good} text={words.lock_handed_in(handed)} />
                }
                if !shown.sealed_whole {
                    <Banner tone={Tone::Bad} text={words.lock_not_whole()} />
                }
                <div class="thumb">
                    if shown.handed_in {
                        <Button look={Look::Primary} label={words.lock_begin_anew()} on_click={show(true)} />
                    } else if shown.sealed > 0 {
                        <Button look={Look::Primary} label={words.lock_hand_in()} busy={hand_in.state.is_busy()} busy_label={words.lock_handing_in()} on_click={
                            let send = hand_in.send.clone();
                            move |()| send.emit(HandInSealed {})
                        } />
                        // The word to hand in with may be lost too: then whoever sets this device up next hands in.
                        if hand_in.state.error().is_some_and(|error| error.code == ui_protocol::ErrorCode::KeyGone) {
                            <Button label={words.lock_begin_anew()} on_click={show(true)} />
                        }
                    }
                    if let Some(back) = &props.back {
                        <Button label={words.back()} on_click={back.clone()} />
                    }
                </div>
                if *asking {
                    <Dialog title={words.lock_begin_anew()} text={words.lock_begin_anew_ask()} confirm={words.lock_begin_anew()} busy={anew.state.is_busy()}
                        on_cancel={show(false)} on_confirm={
                            let send = anew.send.clone();
                            move |()| send.emit(BeginAnew {})
                        } />
                }
            </div>
        </Screen>
    }
}
