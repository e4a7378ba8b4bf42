//! A home at the station: its hazards with what can be done about them, who called there, the grade somebody proposes.

use domain::RecordId;
use domain::hazard::{HandedTo, HazardState};
use ui_protocol::Topic;
use ui_protocol::station_home::{
    AnswerGrade, HazardAct, HazardForStation, StationCall, StationHazard, StationHome, TakeBackForStation,
};
use yew::prelude::*;

use super::grade::tone;
use crate::hooks::{use_asker, use_notices, use_submit};
use crate::parts::{Button, Cells, Dialog, Look, NoteField, SelectField, Tag, Tone, Trouble, options};
use crate::words::{Label, use_words};

/// Properties of [`HomeAtStation`].
#[derive(Properties, PartialEq)]
pub struct HomeAtStationProps {
    /// The home.
    pub id: RecordId,
    /// What is there.
    pub home: StationHome,
    /// The station may decide.
    pub decides: bool,
    /// The server's today.
    pub today: AttrValue,
}

/// Proposal, hazards, visits and checks of a home.
#[component(HomeAtStation)]
pub fn home_at_station(props: &HomeAtStationProps) -> Html {
    let words = use_words();
    let today = &props.today;
    html! {
        <>
            if let Some((wanted, by)) = &props.home.wanted {
                <section class="group" aria-labelledby="wanted-title" data-testid="grade-wanted">
                    <div class="group-head"><h3 id="wanted-title" class="weui-cells__title">{ words.grade_wanted() }</h3></div>
                    <div class="card">
                        <p class="card-tags"><Tag text={words.grade_name(wanted.grade)} tone={tone(wanted.grade)} /></p>
                        <p>{ words.grade_wanted_by(by, wanted, today) }</p>
                        if let Some(answer) = &wanted.answer {
                            <p class="quiet">{ words.grade_answered(answer, today) }</p>
                        }
                    </div>
                    if props.decides && wanted.answer.is_none() {
                        <Answering id={props.id} />
                    }
                </section>
            }
            <Cells title={words.safety_hazards()}>
                { for props.home.hazards.iter().map(|hazard| html! {
                    <Hazard key={hazard.id.to_string()} hazard={hazard.clone()} today={today.clone()} />
                }) }
                if props.home.hazards.is_empty() {
                    <div class="weui-cell"><p class="quiet">{ words.safety_hazards_none() }</p></div>
                }
            </Cells>
            if !props.home.calls.is_empty() {
                <Cells title={words.desk_calls()}>
                    { for props.home.calls.iter().map(|call| html! {
                        <Call key={call.id.to_string()} call={call.clone()} decides={props.decides} today={today.clone()} />
                    }) }
                </Cells>
            }
        </>
    }
}

/// Properties of [`Answering`].
#[derive(Properties, PartialEq)]
struct AnsweringProps {
    id: RecordId,
}

/// The station's word about a proposed grade.
#[component(Answering)]
fn answering(props: &AnsweringProps) -> Html {
    let words = use_words();
    let (asker, notices) = (use_asker(), use_notices());
    let reason = use_state(String::new);
    let submit = use_submit::<AnswerGrade>(Callback::from(move |_| {
        notices.say(words.desk_permit_done());
        asker.announce(&[Topic::Units]);
    }));
    let answer = |take: bool| {
        let (send, id, reason) = (submit.send.clone(), props.id, reason.trim().to_owned());
        Callback::from(move |()| send.emit(AnswerGrade { id, take, reason: reason.clone() }))
    };
    html! {
        <div class="desk-decide">
            <NoteField id="wanted_reason" label={words.grade_refuse_why()} value={(*reason).clone()} on_change={
                let reason = reason.setter();
                move |text: String| reason.set(text)
            } />
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="buttons-inline">
                <Button look={Look::Primary} label={words.grade_take()} busy={submit.state.is_busy()} on_click={answer(true)} />
                <Button look={Look::Warn} label={words.grade_refuse()} busy={submit.state.is_busy()} on_click={answer(false)} />
            </div>
        </div>
    }
}

/// Properties of [`Hazard`].
#[derive(Properties, PartialEq)]
struct HazardProps {
    hazard: StationHazard,
    today: AttrValue,
}

/// A hazard, and what was found or done about it now.
#[component(Hazard)]
fn hazard(props: &HazardProps) -> Html {
    let words = use_words();
    let (asker, notices) = (use_asker(), use_notices());
    let open = use_state(|| false);
    let note = use_state(String::new);
    let to = use_state(|| HandedTo::Fire);
    let submit = use_submit::<HazardForStation>({
        let open = open.setter();
        Callback::from(move |_| {
            open.set(false);
            notices.say(words.desk_permit_done());
            asker.announce(&[Topic::Units]);
        })
    });
    let (row, today) = (&props.hazard, &props.today);
    let show = |on: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(on))
    };
    let act = |act: HazardAct| {
        let (send, id, note) = (submit.send.clone(), row.id, note.trim().to_owned());
        Callback::from(move |()| send.emit(HazardForStation { id, act, note: note.clone() }))
    };
    let mut detail = vec![words.severity(row.severity).to_owned(), words.label(row.state).to_owned()];
    detail.extend(row.handed_to.map(|to| words.label(to).to_owned()));
    detail.extend(row.responsible.map(|who| words.label(who).to_owned()));
    let title = if row.description.is_empty() { words.item_failed(row.item) } else { row.description.clone() };
    let over = !row.due_on.is_empty() && row.due_on.as_str() < today.as_str();
    let busy = submit.state.is_busy();
    html! {
        <div class="weui-cell row">
            <div class="weui-cell__bd"><span class="row-title">{ title }</span><span class="row-detail">{ detail.join(" · ") }</span></div>
            <div class="weui-cell__ft row-tags">
                if !row.due_on.is_empty() {
                    <Tag text={words.desk_mend_by(&row.due_on, today)} tone={if over { Tone::Bad } else { Tone::Wait }} />
                }
                if !row.may.is_empty() {
                    <Button look={Look::Small} label={words.desk_hazard_do()} on_click={show(true)} />
                }
            </div>
            if *open {
                <Dialog title={words.hazard_recheck()} text={words.hazard_recheck_ask()} confirm={words.hazard_fixed()} {busy}
                    on_confirm={act(HazardAct::Fixed)} on_cancel={show(false)}>
                    <NoteField id="hazard_note" label={words.hazard_note()} value={(*note).clone()} hint={words.check_description_hint()} on_change={
                        let note = note.setter();
                        move |text: String| note.set(text)
                    } />
                    <div class="buttons">
                        <Button {busy} label={if row.state == HazardState::HandedOver { words.hazard_not_fixed_handed() } else { words.hazard_not_fixed() }}
                            on_click={act(HazardAct::NotFixed)} />
                    </div>
                    if row.may.contains(&HazardState::HandedOver) {
                        <SelectField id="handed_to" label={words.check_handed_to()} value={to.stored()} choices={options::<HandedTo>(words)} on_change={
                            let to = to.setter();
                            move |code: String| if let Some(chosen) = HandedTo::read(&code) { to.set(chosen) }
                        } />
                        <div class="buttons"><Button {busy} label={words.hazard_hand_over()} on_click={act(HazardAct::HandOver(*to))} /></div>
                    }
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </div>
    }
}

/// Properties of [`Call`].
#[derive(Properties, PartialEq)]
struct CallProps {
    call: StationCall,
    decides: bool,
    today: AttrValue,
}

/// A visit or a check in a line.
#[component(Call)]
fn call(props: &CallProps) -> Html {
    let words = use_words();
    let call = &props.call;
    let detail = match call.result {
        Some(result) => format!("{} · {}", words.kind(&call.kind), words.label(result)),
        None => format!("{} · {}", words.kind(&call.kind), words.desk_check_failed(call.failed)),
    };
    html! {
        <div class="weui-cell row">
            <div class="weui-cell__bd">
                <span class="row-title">{ words.moment(call.observed_unix_ms, &props.today) }</span>
                <span class="row-detail">{ detail }</span>
            </div>
            <div class="weui-cell__ft row-tags">
                if call.withdrawn {
                    <Tag text={words.taken_back_mark()} tone={Tone::Bad} />
                }
                if props.decides {
                    <TakingBack id={call.id} kind={call.kind.clone()} withdrawn={call.withdrawn} />
                }
            </div>
        </div>
    }
}

/// Properties of [`TakingBack`].
#[derive(Properties, PartialEq)]
pub struct TakingBackProps {
    /// What was, or was not, a mistake.
    pub id: RecordId,
    /// Its kind.
    pub kind: AttrValue,
    /// It was taken back already.
    pub withdrawn: bool,
}

/// Takes a record back, or lets it stand again, after a question.
#[component(TakingBack)]
pub fn taking_back(props: &TakingBackProps) -> Html {
    let words = use_words();
    let (asker, notices) = (use_asker(), use_notices());
    let asking = use_state(|| false);
    let note = use_state(String::new);
    let stands = props.withdrawn;
    let submit = use_submit::<TakeBackForStation>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(if stands { words.stands_again() } else { words.taken_back() });
            asker.announce(&[Topic::Units, Topic::People]);
        })
    });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let on_confirm = {
        let (send, note, id) = (submit.send.clone(), note.clone(), props.id);
        Callback::from(move |()| send.emit(TakeBackForStation { id, stands, note: note.trim().to_owned() }))
    };
    let (label, text) =
        if stands { (words.let_stand(), words.let_stand_ask()) } else { (words.take_back(), words.take_back_ask(&props.kind)) };
    html! {
        <>
            <Button look={Look::Small} {label} on_click={show(true)} />
            if *asking {
                <Dialog title={label} {text} confirm={label} warn=true busy={submit.state.is_busy()} {on_confirm} on_cancel={show(false)}>
                    <NoteField id="take_back_note" label={words.take_back_note()} value={(*note).clone()} on_change={
                        let note = note.setter();
                        move |text: String| note.set(text)
                    } />
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}
