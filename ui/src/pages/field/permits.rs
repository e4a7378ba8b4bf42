//! Somebody's permits: whether one can be asked for, what was asked, what was given, and what to do about it.

use std::rc::Rc;

use domain::RecordId;
use domain::permit::{ApplicationState, PermitEventKind};
use domain::permit_standing::Standing;
use ui_protocol::Topic;
use ui_protocol::permits::{
    ApplicationView, EligibilityView, PermitEventView, PermitView, PermitsOf, PermitsReply, TakeBackNote,
};
use yew::prelude::*;

use super::history::HistoryLink;
use super::permit_note::NoteDialog;
use super::route::Route;
use super::taking_back::{LetStand, TakeBack};
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::parts::{Banner, Button, Cells, Dialog, DueTag, Fact, LinkCell, Look, Screen, Tag, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// Properties of [`Permits`] and [`PermitSection`].
#[derive(Properties, PartialEq)]
pub struct PermitsProps {
    /// Who.
    pub id: RecordId,
}

/// On a person's page: one sentence, and the way to everything else.
#[component(PermitSection)]
pub fn permit_section(props: &PermitsProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let id = props.id;
    let asked = use_call(PermitsOf { person: id }, &[Topic::People, Topic::Sync]);
    let Some(reply) = asked.answer.ready() else { return Html::default() };
    let today = frame.today();
    let sentence = match (&reply.eligibility, reply.permits.first(), open_application(reply)) {
        (_, _, Some(application)) => words.application_state(application.state).to_owned(),
        (_, Some(permit), _) if !matches!(permit.standing, Standing::Ended | Standing::Expired) => {
            format!("{} · {}", words.label(permit.kind), words.permit_standing(permit.standing))
        }
        (Some(next), ..) => words.permit_eligibility(next, today),
        (None, ..) => words.permit_none().to_owned(),
    };
    let has_changed = reply.permits.iter().any(|permit| !permit.changes_due.is_empty());
    let tone = match (reply.permits.first().map(|permit| permit.standing), reply.can_apply) {
        _ if reply.permits.iter().any(|permit| permit.to_end.is_some()) => Some((words.permit_to_end_tag(), Tone::Wait)),
        (Some(Standing::Valid), _) if has_changed => Some((words.permit_change_tag(), Tone::Wait)),
        (Some(Standing::Suspended), _) => Some((words.permit_standing(Standing::Suspended), Tone::Bad)),
        (Some(Standing::EndorseDue), _) => Some((words.permit_standing(Standing::EndorseDue), Tone::Wait)),
        (Some(Standing::ToHandOut), _) => Some((words.permit_standing(Standing::ToHandOut), Tone::Wait)),
        (_, true) if reply.eligibility.as_ref().is_some_and(|next| next.may_apply) => {
            Some((words.permit_can_apply(), Tone::Good))
        }
        _ => None,
    };
    let to_end = reply.permits.iter().find_map(|permit| permit.to_end);
    html! {
        <Cells title={words.permit_section()}>
            if let Some(reason) = to_end {
                <Banner tone={Tone::Wait} text={words.permit_to_end(reason)} />
            }
            <LinkCell href={Route::Permits { id }.href()} title={sentence} detail={words.permit_open_help()}
                tags={tone.map(|(text, tone)| html! { <Tag {text} {tone} /> }).unwrap_or_default()} />
        </Cells>
    }
}

fn open_application(reply: &PermitsReply) -> Option<&ApplicationView> {
    reply.applications.iter().find(|application| application.state.is_open() && !application.withdrawn)
}

/// The page of somebody's permits.
#[component(Permits)]
pub fn permits(props: &PermitsProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let id = props.id;
    let asked = use_call(PermitsOf { person: id }, &[Topic::People, Topic::Sync]);
    let can_apply = asked.answer.ready().is_some_and(|reply| reply.can_apply);
    let thumb = if can_apply {
        html! { <a class="weui-btn button button-primary" href={Route::ApplyPermit { id }.href()}>{ words.permit_apply() }</a> }
    } else {
        Html::default()
    };
    html! {
        <Screen title={words.permit_open()} back={Route::Person { id }.href()} {thumb}>
            { answered(&asked, |reply| html! {
                <>
                    <div class="card"><p class="card-title">{ &reply.name }</p></div>
                    if reply.rules.is_none() {
                        <Banner tone={Tone::Calm} text={words.permit_no_rules()} />
                    }
                    if let Some(next) = &reply.eligibility {
                        { eligibility(words, next, frame.today()) }
                    }
                    { for reply.applications.iter().map(|application| html! {
                        <Application key={application.id.to_string()} person={id} application={Rc::new(application.clone())} />
                    }) }
                    { for reply.permits.iter().map(|permit| html! {
                        <Card key={permit.id.to_string()} permit={Rc::new(permit.clone())} />
                    }) }
                    <Cells>
                        <LinkCell href={Route::PermitInfo { id }.href()} title={words.permit_info_open()} />
                    </Cells>
                </>
            }) }
        </Screen>
    }
}

/// The sentence, the two dates where there are two, what the register shows, and what is missing.
fn eligibility(words: Words, next: &EligibilityView, today: &str) -> Html {
    let other = next.other.as_ref().map(|(from, on)| {
        // The earlier of the two days is the report's.
        words.permit_other_day(from, on, from > &next.counted_from, today)
    });
    let tag = if next.may_apply {
        html! { <Tag text={words.permit_can_apply()} tone={Tone::Good} /> }
    } else {
        html! { <Tag text={words.permit_cannot_yet()} tone={Tone::Wait} /> }
    };
    html! {
        <Cells title={words.label(next.kind)} aside={tag}>
            <div class="weui-cell permit-sentence" data-testid="permit-eligibility">
                <div>
                    <p class="row-title">{ words.permit_eligibility(next, today) }</p>
                    if let Some(other) = other {
                        <p class="quiet">{ other }</p>
                    }
                    { for next.missing.iter().filter(|missing| !missing.stops()).map(|missing| html! {
                        <p class="quiet">{ words.permit_missing(*missing) }</p>
                    }) }
                    { for next.grounds.iter().map(|ground| html! { <Tag text={words.label(*ground)} tone={Tone::Good} /> }) }
                </div>
            </div>
        </Cells>
    }
}

/// Properties of [`Application`].
#[derive(Properties, PartialEq)]
struct ApplicationProps {
    person: RecordId,
    application: Rc<ApplicationView>,
}

#[component(Application)]
fn application(props: &ApplicationProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let (id, view, today) = (props.person, &props.application, frame.today());
    let day = |text: &str| if text.is_empty() { String::new() } else { words.day(text, today) };
    let tone = match view.state {
        ApplicationState::MaterialMissing => Tone::Wait,
        ApplicationState::Refused => Tone::Bad,
        ApplicationState::Issued => Tone::Good,
        _ => Tone::Calm,
    };
    let missing: Vec<&str> = view.missing.iter().map(|material| words.label(*material)).collect();
    let open = !matches!(view.state, ApplicationState::Issued | ApplicationState::Refused) && !view.withdrawn;
    let wants_materials = view.state == ApplicationState::MaterialMissing && !view.withdrawn;
    let (state, tone) =
        if view.withdrawn { (words.taken_back_mark(), Tone::Bad) } else { (words.application_state(view.state), tone) };
    html! {
        <>
        <Cells title={format!("{} · {}", words.permit_application(), words.label(view.kind))}
            aside={html! { <Tag text={state} {tone} /> }}>
            if wants_materials && !missing.is_empty() {
                <div class="weui-cell"><p class="row-title">{ words.still_missing(&missing.join(words.pick("、", ", "))) }</p></div>
            }
            <Fact name={words.permit_ground()} value={view.ground.map(|ground| words.label(ground)).unwrap_or_default()} />
            <Fact name={words.permit_months()} value={view.months.map(|months| months.to_string()).unwrap_or_default()} />
            <Fact name={words.permit_asked_on()} value={day(&view.on)} />
            <Fact name={words.permit_told_on()} value={day(&view.told_on)} />
            <Fact name={words.permit_accepted_on()} value={day(&view.accepted_on)} />
            if !view.accepted_on.is_empty() {
                <Fact name={words.permit_slip_no()} value={if view.slip_no.is_empty() { words.permit_slip_waiting().to_owned() } else { view.slip_no.clone() }} />
            }
            if let Some(due) = view.due.as_ref().filter(|_| open) {
                <Fact name={words.permit_due()} value={words.day(&due.on, today)}>
                    <DueTag due={due.clone()} today={today.to_owned()} />
                    if due.no_holiday_data {
                        <span class="quiet">{ words.no_holiday_data() }</span>
                    }
                </Fact>
            }
            <Fact name={words.permit_refused_why()} value={view.reason.clone()} />
            if wants_materials {
                <LinkCell href={Route::BringMaterials { id, application: view.id }.href()} title={words.permit_bring()} />
            }
            <LinkCell href={Route::History { id: view.id }.href()} title={words.history_title()} />
            if !view.accepted_on.is_empty() && !view.withdrawn {
                <LinkCell href={Route::PermitSlip { id, application: view.id }.href()} title={words.permit_slip_open()} />
            }
        </Cells>
        if view.may_take_back {
            <TakeBack key={view.id.to_string()} id={view.id} kind={domain::kind::PERMIT_APPLICATION} />
        }
        if view.may_let_stand {
            <LetStand id={view.id} />
        }
        </>
    }
}

/// Properties of [`Card`].
#[derive(Properties, PartialEq)]
struct CardProps {
    permit: Rc<PermitView>,
}

/// How a permit stands, as a colour.
pub fn standing_tone(standing: Standing) -> Tone {
    match standing {
        Standing::Valid => Tone::Good,
        Standing::ToHandOut | Standing::EndorseDue => Tone::Wait,
        Standing::Suspended | Standing::Expired => Tone::Bad,
        Standing::Ended => Tone::Calm,
    }
}

fn action(words: Words, what: PermitEventKind) -> &'static str {
    match what {
        PermitEventKind::HandOut => words.permit_do_hand_out(),
        PermitEventKind::Endorse => words.permit_do_endorse(),
        PermitEventKind::AddressChange => words.permit_do_address(),
        PermitEventKind::EmployerChange => words.permit_do_employer(),
        PermitEventKind::ReplaceDamaged => words.permit_do_damaged(),
        PermitEventKind::ReplaceLost => words.permit_do_lost(),
        PermitEventKind::Cancel => words.permit_do_end(),
        other => words.label(other),
    }
}

#[component(Card)]
fn card(props: &CardProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let doing = use_state(|| None::<PermitEventKind>);
    let (permit, today) = (&props.permit, frame.today());
    let day = |text: &str| if text.is_empty() { String::new() } else { words.plain_day(text, today) };
    // What is due now stands out; the rest is what people rarely need.
    let urgent = |what: &PermitEventKind| matches!(what, PermitEventKind::HandOut | PermitEventKind::Endorse);
    let button = |what: PermitEventKind| {
        let doing = doing.setter();
        let look = match what {
            PermitEventKind::HandOut | PermitEventKind::Endorse => Look::Primary,
            PermitEventKind::Cancel => Look::Warn,
            _ => Look::Plain,
        };
        html! { <Button {look} label={action(words, what)} on_click={move |()| doing.set(Some(what))} /> }
    };
    html! {
        <>
            <Cells title={words.label(permit.kind)} aside={html! { <Tag text={words.permit_standing(permit.standing)} tone={standing_tone(permit.standing)} /> }}>
                <Fact name={words.permit_number()} value={permit.no.clone()} />
                <Fact name={words.permit_issued_on()} value={day(&permit.issued_on)} />
                <Fact name={words.permit_valid_until()} value={day(&permit.valid_until)} />
                <Fact name={words.permit_handed_on()} value={day(&permit.handed_on)} />
                <Fact name={words.permit_continuity()} value={day(&permit.continuity_start)} />
                <Fact name={words.permit_restored_on()} value={day(&permit.restored_on)} />
                if let Some(endorse) = &permit.endorse {
                    <Fact name={words.permit_endorse_window()} value={words.endorse_window(&endorse.from, &endorse.by.on, today)}>
                        if let Some(why) = endorse.not_now {
                            <span class="quiet">{ words.no_endorsement(why, today) }</span>
                        } else {
                            <DueTag due={endorse.by.clone()} today={today.to_owned()} />
                        }
                    </Fact>
                }
                if let Some((what, on)) = &permit.replace {
                    <Fact name={words.permit_replace_asked()} value={format!("{} · {}", words.label(*what), day(on))} />
                }
                if let Some((reason, on)) = &permit.ended {
                    <Fact name={words.permit_ended_on()} value={format!("{} · {}", words.label(*reason), day(on))} />
                }
            </Cells>
            { for permit.changes_due.iter().map(|(what, due)| html! {
                <Banner tone={Tone::Wait} text={words.permit_change_due(*what)}><DueTag due={due.clone()} today={today.to_owned()} /></Banner>
            }) }
            if let Some(reason) = permit.to_end {
                <Banner tone={Tone::Wait} text={words.permit_to_end(reason)}>
                    <Button look={Look::Warn} label={action(words, PermitEventKind::Cancel)} on_click={
                        let doing = doing.setter();
                        move |()| doing.set(Some(PermitEventKind::Cancel))
                    } />
                </Banner>
            }
            if permit.may.iter().any(urgent) {
                <div class="buttons">{ for permit.may.iter().copied().filter(|what| urgent(what)).map(button) }</div>
            }
            if permit.may.iter().any(|what| !urgent(what)) {
                <details class="fold">
                    <summary>{ words.home_actions() }</summary>
                    <div class="buttons">{ for permit.may.iter().copied().filter(|what| !urgent(what)).map(button) }</div>
                </details>
            }
            if !permit.events.is_empty() {
                <details class="fold">
                    <summary>{ words.permit_history() }</summary>
                    <ul class="history">
                        { for permit.events.iter().map(|event| html! { <Event key={event.id.to_string()} event={Rc::new(event.clone())} /> }) }
                    </ul>
                </details>
            }
            <HistoryLink id={permit.id} />
            if let Some(what) = *doing {
                <NoteDialog permit={permit.id} {what} late={permit.standing == Standing::Suspended} reason={permit.to_end} label={action(words, what)} on_close={
                    let doing = doing.setter();
                    move |()| doing.set(None)
                } />
            }
        </>
    }
}

/// Properties of [`Event`].
#[derive(Properties, PartialEq)]
struct EventProps {
    event: Rc<PermitEventView>,
}

/// One line of what happened, which can be taken back by who may have made it.
#[component(Event)]
fn event(props: &EventProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<TakeBackNote>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.permit_taken_back());
        })
    });
    let (view, today) = (&props.event, frame.today());
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let mut more: Vec<String> = Vec::new();
    more.extend(view.reason.map(|reason| words.label(reason).to_owned()));
    for text in [&view.since, &view.valid_until] {
        more.extend((!text.is_empty()).then(|| words.plain_day(text, today)));
    }
    more.extend((!view.note.is_empty()).then(|| view.note.clone()));
    html! {
        <li class="history-line">
            <span class="history-what">{ words.label(view.what) }</span>
            <span class="history-who">{ words.day(&view.on, today) }{ if more.is_empty() { String::new() } else { format!(" · {}", more.join(" · ")) } }</span>
            if view.late {
                <Tag text={words.permit_late()} tone={Tone::Bad} />
            }
            if view.waiting {
                <Tag text={words.waiting_mark()} tone={Tone::Wait} />
            }
            if view.may_take_back {
                <Button look={Look::Small} label={words.permit_take_back()} on_click={show(true)} />
            }
            if *asking {
                <Dialog title={words.label(view.what)} text={words.permit_take_back_ask()} confirm={words.permit_take_back()} warn=true busy={submit.state.is_busy()}
                    on_cancel={show(false)} on_confirm={
                        let (send, event) = (submit.send.clone(), view.id);
                        move |()| send.emit(TakeBackNote { event })
                    }>
                    if let Some(error) = submit.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </li>
    }
}
