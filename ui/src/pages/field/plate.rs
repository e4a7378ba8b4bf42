//! The plate of one home: to show, to print, and another one for one that is lost.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::plates::{PlateOf, PlateView, WantPlate};
use yew::prelude::*;

use super::notice_slip::print;
use super::route::Route;
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::pages::shared;
use crate::parts::{Banner, Button, Cells, Dialog, Empty, Fact, Look, Screen, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// Properties of [`Plate`].
#[derive(Properties, PartialEq)]
pub struct PlateProps {
    /// The home.
    pub id: RecordId,
}

/// The page of a home's plate.
#[component(Plate)]
pub fn plate(props: &PlateProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(PlateOf { unit: props.id }, &[Topic::Units, Topic::Sync]);
    let given = asked.answer.ready().is_some_and(|plate| plate.drawing.is_some());
    let thumb = if given {
        html! { <Button look={Look::Primary} label={words.plate_print()} on_click={print()} /> }
    } else {
        Html::default()
    };
    html! {
        <Screen title={words.plate_title()} back={Route::Home { id: props.id }.href()} {thumb}>
            { answered(&asked, |plate| ready(words, plate, frame.today())) }
        </Screen>
    }
}

fn ready(words: Words, plate: &Rc<PlateView>, today: &str) -> Html {
    let Some(drawing) = &plate.drawing else {
        return html! { <Empty title={words.plate_none()} help={words.plate_none_help()} /> };
    };
    html! {
        <>
            <div class="plate-one">{ shared::plate(words, &plate.number, drawing) }</div>
            <div class="not-printed">
                if plate.wanted {
                    <Banner tone={Tone::Wait} text={words.plate_wanted()} />
                }
                <p class="quiet form-about">{ words.plate_help() }</p>
                <Cells>
                    <Fact name={words.plates_home()} value={plate.title.clone()} />
                    <Fact name={words.plate_given()} value={words.plain_day(&plate.on, today)} />
                    if plate.no > 1 {
                        <Fact name={words.plate_which()} value={plate.no.to_string()} />
                    }
                </Cells>
                if !plate.wanted {
                    <Replace unit={plate.unit} />
                }
            </div>
        </>
    }
}

/// Properties of [`Replace`].
#[derive(Properties, PartialEq)]
struct ReplaceProps {
    unit: RecordId,
}

#[component(Replace)]
fn replace(props: &ReplaceProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<WantPlate>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.plate_wanted());
        })
    });
    let set = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let on_confirm = {
        let (send, unit) = (submit.send.clone(), props.unit);
        Callback::from(move |()| send.emit(WantPlate { unit }))
    };
    html! {
        <>
            <div class="buttons"><Button label={words.plate_replace()} on_click={set(true)} /></div>
            if *asking {
                <Dialog title={words.plate_replace()} text={words.plate_replace_ask()} confirm={words.plate_replace()} warn=true
                    busy={submit.state.is_busy()} {on_confirm} on_cancel={set(false)}>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}
