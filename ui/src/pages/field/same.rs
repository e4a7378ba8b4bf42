//! Two registrations that became one person, and those of which somebody has to say whether they are one.

use domain::duplicate::PairWhy;
use ui_protocol::attention::{DuplicateView, PersonSide, SettleDuplicate};
use ui_protocol::people::{Known, OtherName, SplitPerson};
use yew::prelude::*;

use super::people::standing_tone;
use super::route::Route;
use crate::hooks::{use_frame, use_notices, use_submit};
use crate::parts::{Banner, Button, Cells, Dialog, LinkCell, Look, Tag, Tone, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`OtherNames`].
#[derive(Properties, PartialEq)]
pub struct OtherNamesProps {
    /// The registrations a person was joined from.
    pub names: Vec<OtherName>,
}

/// “由两次登记合并”: who registered the other time, and the way back.
#[component(OtherNames)]
pub fn other_names(props: &OtherNamesProps) -> Html {
    let words = use_words();
    if props.names.is_empty() {
        return Html::default();
    }
    html! {
        <section class="group">
            <div class="group-head"><h2 class="weui-cells__title">{ words.same_joined() }</h2></div>
            <p class="quiet">{ words.same_joined_help() }</p>
            { for props.names.iter().map(|name| html! { <One key={name.person.to_string()} name={name.clone()} /> }) }
        </section>
    }
}

/// Properties of [`One`].
#[derive(Properties, PartialEq)]
struct OneProps {
    name: OtherName,
}

#[component(One)]
fn one(props: &OneProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let asking = use_state(|| false);
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let split = use_submit::<SplitPerson>({
        let hide = show(false);
        Callback::from(move |_| {
            hide.emit(());
            notices.say(words.same_split_done());
        })
    });
    let name = &props.name;
    let person = name.person;
    html! {
        <div class="known-one">
            <p>{ format!("{} · {}", name.name, words.same_registered(&name.by, &words.moment(name.at_unix_ms, frame.today()))) }</p>
            <Button look={Look::Warn} label={words.same_split()} on_click={show(true)} />
            if *asking {
                <Dialog title={words.same_split()} text={words.same_split_ask()} confirm={words.same_split()} warn=true busy={split.state.is_busy()}
                    on_cancel={show(false)} on_confirm={
                        let send = split.send.clone();
                        move |()| send.emit(SplitPerson { person })
                    }>
                    if let Some(error) = split.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}

/// Properties of [`Duplicate`].
#[derive(Properties, PartialEq)]
pub struct DuplicateProps {
    /// The question.
    pub duplicate: DuplicateView,
}

/// Two registrations side by side, and what is to be said about them.
#[component(Duplicate)]
pub fn duplicate(props: &DuplicateProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let duplicate = &props.duplicate;
    let said = use_mut_ref(|| true);
    let submit = use_submit::<SettleDuplicate>({
        let said = said.clone();
        Callback::from(move |_| notices.say(if *said.borrow() { words.same_yes_done() } else { words.same_no_done() }))
    });
    let settle = |same: bool| {
        let (send, id, said) = (submit.send.clone(), duplicate.id, said.clone());
        Callback::from(move |()| {
            said.replace(same);
            send.emit(SettleDuplicate { id, same });
        })
    };
    let merged = duplicate.why == PairWhy::Merged;
    html! {
        <article class="clash">
            <h3 class="clash-title">{ if merged { words.same_joined() } else { words.same_title() } }</h3>
            <p class="quiet">{ words.pair_why(duplicate.why) }</p>
            <div class="sides">
                { side(words, &duplicate.first, frame.today()) }
                { side(words, &duplicate.second, frame.today()) }
            </div>
            if !merged && !duplicate.same_village {
                <p class="quiet">{ words.same_elsewhere() }</p>
            }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                <Button look={Look::Primary} label={if merged { words.same_known() } else { words.same_yes() }} busy={submit.state.is_busy()} on_click={settle(true)} />
                <Button look={Look::Warn} label={if merged { words.same_split() } else { words.same_no() }} busy={submit.state.is_busy()} on_click={settle(false)} />
            </div>
        </article>
    }
}

fn side(words: Words, side: &PersonSide, today: &str) -> Html {
    html! {
        <div class="side">
            <p class="side-name">{ if side.name.is_empty() { words.same_hidden() } else { &side.name } }</p>
            <p class="quiet">{ words.same_registered(&side.by, &words.moment(side.at_unix_ms, today)) }</p>
            <p>{ &side.area_name }</p>
            if !side.document.is_empty() {
                <p class="number">{ &side.document }</p>
            }
            if !side.home.is_empty() {
                <p>{ &side.home }</p>
            }
            if let Some(id) = side.person {
                <p><a class="inline-link" href={Route::Person { id }.href()}>{ words.known_open() }</a></p>
            }
        </div>
    }
}

/// Properties of [`Reported`].
#[derive(Properties, PartialEq)]
pub struct ReportedProps {
    /// Who has the reported number.
    pub known: Vec<Known>,
    /// The village they are registered in, when it is another one.
    pub elsewhere: String,
}

/// A reported tenant who is registered already, beside what the landlord said.
#[component(Reported)]
pub fn reported(props: &ReportedProps) -> Html {
    let words = use_words();
    html! {
        <>
            if !props.elsewhere.is_empty() {
                <Banner tone={Tone::Wait} text={words.same_reported_elsewhere(&props.elsewhere)} />
            }
            if !props.known.is_empty() {
                <Banner tone={Tone::Wait} text={words.same_reported_help()} />
                <Cells title={words.same_reported()}>
                    { for props.known.iter().map(|known| html! {
                        <LinkCell href={Route::Person { id: known.person }.href()} title={known.name.clone()} detail={known.home.clone()}
                            tags={html! { <Tag text={words.standing(known.standing)} tone={standing_tone(known.standing)} /> }} />
                    }) }
                </Cells>
            }
        </>
    }
}
