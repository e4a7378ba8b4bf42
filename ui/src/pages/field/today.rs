//! What is due, most urgent first, by building.

use domain::RecordId;
use domain::checklist::Item;
use ui_protocol::reports::ReferralHanded;
use ui_protocol::session::Progress;
use ui_protocol::today::{Today as AskToday, TodayGroup, TodayItem, TodayKind, TodayReply};
use ui_protocol::{ErrorCode, Topic};
use yew::prelude::*;

use super::route::Route;
use super::visits::OpenVisitList;
use crate::hooks::{use_call, use_frame, use_notices, use_submit};
use crate::parts::{Banner, Button, Cells, DueTag, Empty, LinkCell, Look, Screen, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// The first page of a coordinator.
#[component(Today)]
pub fn today() -> Html {
    let words = use_words();
    let frame = use_frame();
    let filter = use_state(|| None::<TodayKind>);
    let asked = use_call(AskToday {}, &[Topic::Units, Topic::People, Topic::Reports, Topic::Attention, Topic::Sync]);
    let day = words.day(frame.today(), frame.today());
    html! {
        <Screen title={words.tab_today()} aside={html! { <span class="bar-note">{ day }</span> }}>
            if let Some(progress) = &frame.status.sync.progress {
                <FirstSync progress={progress.clone()} />
            }
            <Offline />
            <OpenVisitList />
            { answered(&asked, |reply| body(words, reply, frame.today(), &filter)) }
        </Screen>
    }
}

/// Without a network the work goes on; this says so, and nothing else.
#[component(Offline)]
pub fn offline() -> Html {
    let words = use_words();
    let frame = use_frame();
    match frame.status.sync.problem {
        Some(ErrorCode::Unreachable) => html! { <Banner tone={Tone::Calm} text={words.offline_go_on()} /> },
        _ => Html::default(),
    }
}

/// What is due for a landlord: reports that came back, and what the server did not take.
#[component(DueForLandlord)]
pub fn due_for_landlord() -> Html {
    let words = use_words();
    let frame = use_frame();
    let asked = use_call(AskToday {}, &[Topic::Reports, Topic::Attention, Topic::Sync]);
    let Some(reply) = asked.answer.ready() else {
        return Html::default();
    };
    html! { { for reply.groups.iter().map(|group| building(words, group, frame.today(), None)) } }
}

/// Properties of [`FirstSync`].
#[derive(Properties, PartialEq)]
pub struct FirstSyncProps {
    /// How far it is.
    pub progress: Progress,
}

/// A first sync has a number and an end, and the app is usable meanwhile.
#[component(FirstSync)]
pub fn first_sync(props: &FirstSyncProps) -> Html {
    let words = use_words();
    let Progress { done, total, .. } = props.progress;
    // Without a number from the server, or while lists are made, the bar only says that something goes on.
    let value = (total > 0).then(|| done.to_string());
    html! {
        <div class="first-sync" role="status">
            <p class="first-sync-title">{ words.first_sync() }{ " · " }{ words.progress(&props.progress) }</p>
            <progress max={total.max(1).to_string()} value={value} aria-label={words.first_sync()}></progress>
            <p>{ words.first_sync_help() }</p>
        </div>
    }
}

fn body(words: Words, reply: &TodayReply, today: &str, filter: &UseStateHandle<Option<TodayKind>>) -> Html {
    let counts: Vec<(TodayKind, u64)> = reply.counts.iter().copied().filter(|(_, count)| *count > 0).collect();
    // A counter whose last row went takes its filter along.
    let chosen = filter.filter(|kind| counts.iter().any(|(counted, _)| counted == kind));
    if counts.is_empty() && reply.groups.iter().all(|group| group.items.is_empty()) {
        return if reply.loading {
            html! { <Banner tone={Tone::Wait} text={words.today_still_loading()} /> }
        } else {
            html! { <Empty title={words.today_empty()} help={words.today_empty_help()} /> }
        };
    }
    html! {
        <>
            if reply.loading {
                <Banner tone={Tone::Wait} text={words.today_still_loading()} />
            }
            <div class="counters" role="group" aria-label={words.today_summary()}>
                { for counts.iter().map(|(kind, count)| {
                    let kind = *kind;
                    let pressed = chosen == Some(kind);
                    let onclick = {
                        let filter = filter.setter();
                        Callback::from(move |_: MouseEvent| filter.set((!pressed).then_some(kind)))
                    };
                    html! {
                        <button type="button" key={words.today_counter(kind)} class={classes!("counter", pressed.then_some("counter-on"))}
                            aria-pressed={if pressed { "true" } else { "false" }} {onclick}>
                            <span class="counter-number">{ *count }</span>
                            <span class="counter-name">{ words.today_counter(kind) }</span>
                        </button>
                    }
                }) }
            </div>
            { for reply.groups.iter().map(|group| building(words, group, today, chosen)) }
        </>
    }
}

fn building(words: Words, group: &TodayGroup, today: &str, chosen: Option<TodayKind>) -> Html {
    let items: Vec<&TodayItem> = group.items.iter().filter(|item| chosen.is_none_or(|kind| item.kind == kind)).collect();
    if items.is_empty() {
        return Html::default();
    }
    let title = if group.place.is_empty() { words.today_no_place().to_owned() } else { group.place.clone() };
    html! {
        <Cells {title}>
            { for items.into_iter().map(|item| row(words, item, today)) }
        </Cells>
    }
}

fn row(words: Words, item: &TodayItem, today: &str) -> Html {
    let due = item.due.clone().map(|due| html! { <DueTag {due} today={today.to_owned()} /> });
    let title = if item.title.is_empty() { words.today_counter(item.kind).to_owned() } else { item.title.clone() };
    // What is a code inside is said in words: what was reported, what clashed.
    let detail = match item.kind {
        TodayKind::VerifyReport | TodayKind::ReportReturned => {
            words.label_in("ReportKind", &item.detail).map(str::to_owned).unwrap_or_default()
        }
        // Who said what is the matter said it shorter than the list.
        TodayKind::HazardRecheck if !item.title.is_empty() => String::new(),
        TodayKind::HazardRecheck => words.item_failed(Item::from_code(&item.detail)),
        TodayKind::SuspectedLeft => words.doubt_in_short(&item.detail).to_owned(),
        TodayKind::Conflict => words.group(&item.detail).to_owned(),
        TodayKind::Refused => String::new(),
        _ => item.detail.clone(),
    };
    let title = if detail.is_empty() { title } else { format!("{title} · {detail}") };
    let why = words.today_why(item.kind);
    match (link(item.kind, item.record), item.kind, item.record) {
        (Some(href), ..) => html! { <LinkCell {href} {title} detail={why} tags={due.unwrap_or_default()} /> },
        (None, TodayKind::Referral, Some(id)) => html! { <Referral {id} {title} tags={due.unwrap_or_default()} /> },
        _ => html! {
            <div class="weui-cell row">
                <div class="weui-cell__bd"><span class="row-title">{ title }</span><span class="row-detail">{ why }</span></div>
                <div class="weui-cell__ft row-tags">{ due.unwrap_or_default() }</div>
            </div>
        },
    }
}

fn link(kind: TodayKind, record: Option<RecordId>) -> Option<AttrValue> {
    let route = match (kind, record) {
        (TodayKind::VerifyReport | TodayKind::ReportReturned, Some(id)) => Route::Report { id },
        (TodayKind::ToPlace | TodayKind::IntendedEnds | TodayKind::SuspectedLeft, Some(id)) => Route::Person { id },
        (
            TodayKind::PermitMaterials | TodayKind::PermitHandOut | TodayKind::PermitEndorse | TodayKind::PermitExpires,
            Some(id),
        ) => Route::Permits { id },
        (TodayKind::UnitPending, Some(id)) => Route::Home { id },
        (TodayKind::HazardRecheck, Some(id)) => Route::Hazard { id },
        (TodayKind::Conflict | TodayKind::Duplicate | TodayKind::Refused, _) => Route::Attention,
        _ => return None,
    };
    Some(route.href())
}

/// Properties of [`Referral`].
#[derive(Properties, PartialEq)]
struct ReferralProps {
    id: RecordId,
    title: AttrValue,
    tags: Html,
}

/// A referral has no page of its own: telling the station is all there is to do.
#[component(Referral)]
fn referral(props: &ReferralProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let submit = use_submit::<ReferralHanded>(Callback::from(move |_| notices.say(words.referral_handed_done())));
    let on_click = {
        let (send, id) = (submit.send.clone(), props.id);
        Callback::from(move |()| send.emit(ReferralHanded { id }))
    };
    html! {
        <div class="weui-cell row row-tall">
            <div class="weui-cell__bd">
                <span class="row-title">{ &props.title }</span>
                <span class="row-detail">{ words.today_why(TodayKind::Referral) }</span>
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <Button look={Look::Small} label={words.referral_handed()} busy={submit.state.is_busy()} {on_click} />
            </div>
            <div class="weui-cell__ft row-tags">{ props.tags.clone() }</div>
        </div>
    }
}
