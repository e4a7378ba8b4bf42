//! One home entered twice: chosen, looked at side by side, merged, and taken apart again.

use std::rc::Rc;

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::units::{
    MergeHomes, MergedHome, MergingHome, PartHomes, SameHome as AskSame, SameHomeView, SameHomes, SavedUnit,
};
use yew::prelude::*;
use yew_router::prelude::*;

use super::homes::{detail, tags};
use super::route::Route;
use crate::hooks::{use_call, use_frame, use_notices, use_rested, use_submit};
use crate::parts::{
    Banner, Button, Cells, Dialog, Empty, Fact, LinkCell, Look, PhoneLink, Screen, SearchBar, Tone, Trouble, answered,
};
use crate::words::{Words, use_words};

/// Properties of [`ChooseSameHome`].
#[derive(Properties, PartialEq)]
pub struct ChooseProps {
    /// The home that was entered twice.
    pub id: RecordId,
}

/// Which other home it is: the likeliest first.
#[component(ChooseSameHome)]
pub fn choose_same_home(props: &ChooseProps) -> Html {
    let words = use_words();
    let typed = use_state(String::new);
    let query = use_rested(&typed);
    let id = props.id;
    let asked = use_call(SameHomes { unit: id, query }, &[Topic::Units]);
    html! {
        <Screen title={words.same_home_title()} back={Route::Home { id }.href()}>
            <SearchBar id="search" label={words.homes_search()} value={(*typed).clone()} on_change={
                let typed = typed.setter();
                move |text: String| typed.set(text)
            } />
            { answered(&asked, |reply| html! {
                <>
                    <p class="form-about">{ words.same_home_choose(&reply.title) }</p>
                    if reply.rows.is_empty() {
                        <Empty title={words.same_home_none()} help={words.same_home_none_help()} />
                    } else {
                        <div class="weui-cells rows">
                            { for reply.rows.iter().map(|row| html! {
                                <LinkCell key={row.id.to_string()} href={Route::SameHomeAs { id, other: row.id }.href()} title={row.title.clone()}
                                    detail={detail(words, row)} tags={tags(words, row)} />
                            }) }
                        </div>
                    }
                </>
            }) }
        </Screen>
    }
}

/// Properties of [`ConfirmSameHome`].
#[derive(Properties, PartialEq)]
pub struct ConfirmProps {
    /// The one that goes.
    pub id: RecordId,
    /// The one that stays.
    pub other: RecordId,
}

/// Both side by side, and what comes together.
#[component(ConfirmSameHome)]
pub fn confirm_same_home(props: &ConfirmProps) -> Html {
    let words = use_words();
    let asked = use_call(AskSame { unit: props.id, into: props.other }, &[Topic::Units, Topic::People]);
    html! {
        <Screen title={words.same_home_title()} back={Route::SameHome { id: props.id }.href()}>
            { answered(&asked, |both| html! { <Confirm both={both.clone()} /> }) }
        </Screen>
    }
}

/// Properties of [`Confirm`].
#[derive(Properties, PartialEq)]
struct BothProps {
    both: Rc<SameHomeView>,
}

#[component(Confirm)]
fn confirm(props: &BothProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let submit = use_submit::<MergeHomes>(Callback::from(move |saved: SavedUnit| {
        notices.say(words.same_home_done());
        if let Some(navigator) = &navigator {
            navigator.replace(&Route::Home { id: saved.id });
        }
    }));
    let SameHomeView { goes, stays } = &*props.both;
    let (unit, into) = (goes.unit, stays.unit);
    html! {
        <>
            { side(words, words.same_home_stays(), stays) }
            { side(words, words.same_home_goes(), goes) }
            <Banner tone={Tone::Calm} text={words.same_home_what()} />
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons">
                <a class="weui-btn button button-plain" href={Route::SameHomeAs { id: into, other: unit }.href()}>{ words.same_home_turn() }</a>
            </div>
            <div class="thumb">
                <Button look={Look::Primary} label={words.same_home_merge()} busy={submit.state.is_busy()} busy_label={words.saving()} on_click={
                    let send = submit.send.clone();
                    move |()| send.emit(MergeHomes { unit, into })
                } />
            </div>
        </>
    }
}

fn side(words: Words, title: &'static str, home: &MergingHome) -> Html {
    let people = home.people.join(words.pick("、", ", "));
    let rooms = home.rooms.join(words.pick("、", ", "));
    html! {
        <Cells {title}>
            <div class="weui-cell"><p class="row-title">{ &home.title }</p></div>
            <Fact name={words.home_state()} value={words.label(home.state)} />
            <Fact name={words.home_number()} value={home.number.clone()} />
            <Fact name={words.home_landlord()} value={home.landlord.clone()}>
                if !home.phone.is_empty() {
                    <PhoneLink number={home.phone.clone()} />
                }
            </Fact>
            <Fact name={words.same_home_people()} value={if people.is_empty() { words.home_room_vacant().to_owned() } else { people }} />
            <Fact name={words.field_rooms()} value={rooms} />
            <Fact name={words.same_home_more()} value={words.same_home_counts(home)} />
        </Cells>
    }
}

/// Properties of [`MergedInto`].
#[derive(Properties, PartialEq)]
pub struct MergedIntoProps {
    /// The home that was merged.
    pub id: RecordId,
    /// The one that is meant.
    pub meant: MergedHome,
}

/// What the page of a merged home says first.
#[component(MergedInto)]
pub fn merged_into(props: &MergedIntoProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let into = &props.meant;
    html! {
        <>
            <Banner tone={Tone::Wait} text={words.merged_into(&words.plain_day(&into.on, frame.today()))} />
            <Cells>
                <LinkCell href={Route::Home { id: into.unit }.href()} title={into.title.clone()} detail={words.merged_open()} />
            </Cells>
            <Part id={props.id} />
        </>
    }
}

/// Properties of [`MergedHere`].
#[derive(Properties, PartialEq)]
pub struct MergedHereProps {
    /// The homes that were merged into this one.
    pub merged: Vec<MergedHome>,
}

/// The other entries of a home, on the page of the one that is meant.
#[component(MergedHere)]
pub fn merged_here(props: &MergedHereProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    if props.merged.is_empty() {
        return Html::default();
    }
    html! {
        <Cells title={words.merged_here()}>
            { for props.merged.iter().map(|home| html! {
                <LinkCell key={home.unit.to_string()} href={Route::Home { id: home.unit }.href()} title={home.title.clone()}
                    detail={words.merged_on(&words.plain_day(&home.on, frame.today()))} />
            }) }
        </Cells>
    }
}

/// They are two homes after all.
#[component(Part)]
fn part(props: &ChooseProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<PartHomes>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.part_done());
        })
    });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let unit = props.id;
    html! {
        <div class="buttons">
            <Button look={Look::Warn} label={words.part_homes()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.part_homes()} text={words.part_ask()} confirm={words.part_homes()} warn=true busy={submit.state.is_busy()}
                    on_cancel={show(false)} on_confirm={
                        let send = submit.send.clone();
                        move |()| send.emit(PartHomes { unit })
                    }>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}
