//! Offering, setting, changing and removing the PIN.

use ui_protocol::lock::{DropPin, PIN_DIGITS_MAX, PIN_DIGITS_MIN, SetPin};
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use crate::hooks::{use_frame, use_notices, use_remembered, use_submit};
use crate::parts::{Button, InputKind, Look, Said, Screen, TextField, Trouble, focus_first_problem};
use crate::words::use_words;

#[derive(Clone, Default, PartialEq)]
struct Typed {
    old: String,
    new: String,
    again: String,
}

/// Whether a PIN may be chosen: the device asks the same once more.
fn is_good(pin: &str) -> bool {
    let bytes = pin.as_bytes();
    let steps = || bytes.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
    (PIN_DIGITS_MIN..=PIN_DIGITS_MAX).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_digit)
        && [0, 1, -1].iter().all(|simple| steps().any(|step| step != *simple))
}

/// On the first page of a phone without a PIN, once it has what sealing needs; asked again at the next start.
#[component(PinOffer)]
pub fn pin_offer() -> Html {
    let words = use_words();
    let frame = use_frame();
    let (later, remember) = use_remembered("pin_offer");
    let (lock, sync) = (&frame.status.lock, &frame.status.sync);
    if !lock.lockable || lock.pin || sync.progress.is_some() || sync.receipt_unix_ms.is_none() || !later.is_empty() {
        return Html::default();
    }
    html! {
        <div class="pin-offer" role="status">
            <p>{ words.pin_offer() }</p>
            <a class="inline-link" href={Route::Pin.href()}>{ words.pin_set() }</a>
            <Button look={Look::Small} label={words.pin_later()} on_click={remember.reform(|()| "later".to_owned())} />
        </div>
    }
}

/// The page of the PIN.
#[component(Pin)]
pub fn pin() -> Html {
    let words = use_words();
    let frame = use_frame();
    let has_one = frame.status.lock.pin;
    let typed = use_state(Typed::default);
    let tried = use_state(|| false);
    let notices = use_notices();
    let navigator = use_navigator();
    let done = {
        let navigator = navigator.clone();
        move || {
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::Me);
            }
        }
    };
    let submit = use_submit::<SetPin>({
        let done = done.clone();
        Callback::from(move |_| {
            notices.say(words.pin_saved());
            done();
        })
    });
    let dropped = use_submit::<DropPin>(Callback::from(move |_| done()));
    let wrong = |text: &'static str| Some(Said { text: AttrValue::Static(text), warning: false });
    let old_said = (has_one && typed.old.is_empty()).then(|| wrong(words.pin_old())).flatten();
    let new_said = (!is_good(&typed.new)).then(|| wrong(words.pin_not_good())).flatten();
    let again_said = (typed.again != typed.new).then(|| wrong(words.pin_differs())).flatten();
    let all_good = old_said.is_none() && new_said.is_none() && again_said.is_none();
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
                send.emit(SetPin { old: typed.old.clone(), new: typed.new.clone() });
            } else {
                focus_first_problem();
            }
        })
    };
    html! {
        <Screen title={words.pin_title()} back={Route::Me.href()}>
            <form {onsubmit} class="form" novalidate=true>
                <div class="hero">
                    <p class="hero-title">{ if has_one { words.pin_change() } else { words.pin_set() } }</p>
                    <p>{ words.pin_help() }</p>
                </div>
                if let Some(error) = submit.state.error().or(dropped.state.error()) {
                    <Trouble error={error.clone()} />
                }
                <div class="weui-cells">
                    if has_one {
                        <TextField id="pin_old" label={words.pin_old()} kind={InputKind::Pin} value={typed.old.clone()} required=true
                            said={told(old_said)} on_change={set(|typed, text| typed.old = text)} />
                    }
                    <TextField id="pin" label={words.pin_new()} kind={InputKind::Pin} value={typed.new.clone()} required=true
                        said={told(new_said)} on_change={set(|typed, text| typed.new = text)} />
                    <TextField id="pin_again" label={words.pin_again()} kind={InputKind::Pin} value={typed.again.clone()} required=true
                        said={told(again_said)} on_change={set(|typed, text| typed.again = text)} />
                </div>
                <div class="thumb">
                    <Button look={Look::Primary} submits=true label={words.pin_save()} busy={submit.state.is_busy()} busy_label={words.pin_busy()} />
                    if has_one {
                        <Button label={words.pin_drop()} busy={dropped.state.is_busy()} on_click={
                            let (typed, send) = (typed.clone(), dropped.send.clone());
                            move |()| send.emit(DropPin { pin: typed.old.clone() })
                        } />
                    }
                </div>
            </form>
        </Screen>
    }
}

#[cfg(test)]
mod tests {
    use super::is_good;

    #[test]
    fn what_a_thief_tries_first_is_not_taken() {
        for (pin, good) in
            [("270914", true), ("112233", true), ("111111", false), ("123456", false), ("987654", false), ("12345", false)]
        {
            assert_eq!(is_good(pin), good, "{pin}");
        }
    }
}
