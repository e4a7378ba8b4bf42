//! The station's say about two registrations that are, or may be, one person.

use std::rc::Rc;

use domain::RecordId;
use domain::duplicate::{Pair, Registered};
use ui_protocol::Topic;
use ui_protocol::desk::{AnswerForStation, SplitForStation};
use ui_protocol::people::OtherName;
use yew::prelude::*;

use super::route::records_href;
use crate::hooks::{use_asker, use_notices, use_submit};
use crate::parts::{Button, Dialog, Look, Trouble};
use crate::words::{Words, use_words};

/// Properties of [`PairSides`].
#[derive(Properties, PartialEq)]
pub struct PairSidesProps {
    /// The two.
    pub pair: Pair,
    /// The server's today.
    pub today: AttrValue,
    /// Villages by code.
    pub areas: Rc<Vec<(String, String)>>,
}

/// Both registrations side by side.
#[component(PairSides)]
pub fn pair_sides(props: &PairSidesProps) -> Html {
    let words = use_words();
    let pair = &props.pair;
    html! {
        <section class="clash">
            <p class="quiet">{ words.pair_why(pair.why) }</p>
            <div class="sides">
                { side(words, pair.first, &pair.first_is, props) }
                { side(words, pair.second, &pair.second_is, props) }
            </div>
        </section>
    }
}

fn side(words: Words, person: RecordId, is: &Registered, props: &PairSidesProps) -> Html {
    let village = props.areas.iter().find(|(code, _)| *code == is.area).map(|(_, name)| name.clone()).unwrap_or_default();
    html! {
        <div class="side">
            <p class="side-name">{ if is.name.is_empty() { words.same_hidden() } else { &is.name } }</p>
            <p class="quiet">{ words.same_registered(&is.by, &words.moment(is.at_unix_ms, &props.today)) }</p>
            <p>{ village }</p>
            if !is.name.is_empty() {
                <p><a class="inline-link" href={records_href("person", "", &person.to_string())}>{ words.open_record() }</a></p>
            }
        </div>
    }
}

/// Properties of [`Answer`].
#[derive(Properties, PartialEq)]
pub struct AnswerProps {
    /// The question.
    pub id: RecordId,
    /// They were joined already: what is asked is only whether that is right.
    pub merged: bool,
}

/// 是同一人 or 不是同一人.
#[component(Answer)]
pub fn answer(props: &AnswerProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let submit = use_submit::<AnswerForStation>(Callback::from(move |_| {
        notices.say(words.settled());
        asker.announce(&[Topic::Attention, Topic::People]);
    }));
    let choose = |same: bool| {
        let (send, id) = (submit.send.clone(), props.id);
        Callback::from(move |()| send.emit(AnswerForStation { id, same }))
    };
    html! {
        <section class="desk-decide" aria-label={words.same_title()}>
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                <Button look={Look::Primary} label={words.same_yes()} busy={submit.state.is_busy()} on_click={choose(true)} />
                <Button look={Look::Warn} label={if props.merged { words.same_split() } else { words.same_no() }} busy={submit.state.is_busy()} on_click={choose(false)} />
            </div>
        </section>
    }
}

/// Properties of [`JoinedNames`].
#[derive(Properties, PartialEq)]
pub struct JoinedNamesProps {
    /// The registrations a person was joined from.
    pub names: Vec<OtherName>,
    /// The server's today.
    pub today: AttrValue,
    /// The station may take them off.
    pub can_split: bool,
}

/// “由两次登记合并”, for the station.
#[component(JoinedNames)]
pub fn joined_names(props: &JoinedNamesProps) -> Html {
    let words = use_words();
    let asker = use_asker();
    let notices = use_notices();
    let asking = use_state(|| None::<RecordId>);
    let submit = use_submit::<SplitForStation>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(None);
            notices.say(words.same_split_done());
            asker.announce(&[Topic::People, Topic::Attention]);
        })
    });
    if props.names.is_empty() {
        return Html::default();
    }
    let ask = |person: Option<RecordId>| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(person))
    };
    html! {
        <section class="group">
            <div class="group-head"><h3 class="weui-cells__title">{ words.same_joined() }</h3></div>
            { for props.names.iter().map(|name| html! {
                <div class="known-one">
                    <p>{ format!("{} · {}", name.name, words.same_registered(&name.by, &words.moment(name.at_unix_ms, &props.today))) }</p>
                    if props.can_split {
                        <Button look={Look::Warn} label={words.same_split()} on_click={ask(Some(name.person))} />
                    }
                </div>
            }) }
            if let Some(person) = *asking {
                <Dialog title={words.same_split()} text={words.same_split_ask()} confirm={words.same_split()} warn=true busy={submit.state.is_busy()}
                    on_cancel={ask(None)} on_confirm={
                        let send = submit.send.clone();
                        move |()| send.emit(SplitForStation { person })
                    }>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </section>
    }
}
