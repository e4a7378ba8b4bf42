//! What is due, most urgent first, by building.

use domain::RecordId;
use domain::checklist::Item;
use domain::codes::VisitPersonResult;
use serde::{Deserialize, Serialize};
use ui_protocol::reports::ReferralHanded;
use ui_protocol::session::Progress;
use ui_protocol::today::{FilterCounts, Today as AskToday, TodayFilter, TodayGroup, TodayItem, TodayKind, TodayReply};
use ui_protocol::{ErrorCode, Topic};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::evening::EveningCard;
use super::half_done::OpenFormList;
use super::pin::PinOffer;
use super::route::Route;
use super::visits::OpenVisitList;
use crate::hooks::{use_call, use_frame, use_notices, use_remembered, use_submit};
use crate::parts::{Banner, Button, Cells, Chip, DueTag, Empty, LinkCell, Look, Screen, Tone, Trouble, answered};
use crate::words::{Words, use_words};

/// The first page of a coordinator.
#[component(Today)]
pub fn today() -> Html {
    let words = use_words();
    let frame = use_frame();
    let (remembered, remember) = use_remembered("today");
    let chosen = Chosen::read(&remembered);
    let remember = remember.reform(|chosen: Chosen| chosen.to_text());
    let ask = AskToday { filter: chosen.filter, kind: chosen.kind };
    let asked = use_call(ask, &[Topic::Units, Topic::People, Topic::Reports, Topic::Attention, Topic::Sync]);
    let day = words.day(frame.today(), frame.today());
    html! {
        <Screen title={words.tab_today()} aside={html! { <span class="bar-note">{ day }</span> }}>
            if let Some(progress) = &frame.status.sync.progress {
                <FirstSync progress={progress.clone()} />
            }
            <Offline />
            <PinOffer />
            if frame.status.evening {
                <EveningCard />
            }
            <OpenVisitList />
            <OpenFormList />
            { answered(&asked, |reply| body(words, reply, frame.today(), chosen, &remember)) }
            if !frame.status.evening {
                <EveningCard />
            }
        </Screen>
    }
}

/// What of the list is shown, for as long as the app runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Chosen {
    filter: TodayFilter,
    kind: Option<TodayKind>,
}

impl Chosen {
    fn read(text: &str) -> Chosen {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn to_text(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
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
    let asked = use_call(AskToday::default(), &[Topic::Reports, Topic::Attention, Topic::Sync]);
    let Some(reply) = asked.answer.ready() else {
        return Html::default();
    };
    buildings(words, &reply.groups, frame.today())
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

fn body(words: Words, reply: &TodayReply, today: &str, chosen: Chosen, remember: &Callback<Chosen>) -> Html {
    let is_whole = chosen == Chosen::default();
    if is_whole && reply.total == 0 {
        return if reply.loading {
            html! { <Banner tone={Tone::Wait} text={words.today_still_loading()} /> }
        } else {
            html! { <Empty title={words.today_empty()} help={words.today_empty_help()} /> }
        };
    }
    // A counter that was chosen stays, so that it can be taken back when its last row is done.
    let mut counts = reply.counts.clone();
    counts.extend(chosen.kind.filter(|kind| counts.iter().all(|(counted, _)| counted != kind)).map(|kind| (kind, 0)));
    let shown: usize = reply.groups.iter().map(|group| group.items.len()).sum();
    html! {
        <>
            if reply.loading {
                <Banner tone={Tone::Wait} text={words.today_still_loading()} />
            }
            { filters(words, reply.filters, chosen, remember) }
            <Counters {counts} {chosen} on_choose={remember.clone()} />
            if reply.total == 0 {
                <Empty title={words.today_nothing_left()} />
                <div class="thumb">
                    <Button label={words.today_filter_clear()} on_click={remember.reform(|()| Chosen::default())} />
                </div>
            }
            { buildings(words, &reply.groups, today) }
            if (shown as u64) < reply.total {
                <p class="list-total">{ words.today_cut(shown, reply.total) }</p>
            }
        </>
    }
}

/// Properties of [`Counters`].
#[derive(Properties, PartialEq)]
struct CountersProps {
    counts: Vec<(TodayKind, u64)>,
    chosen: Chosen,
    on_choose: Callback<Chosen>,
}

/// What is due by kind, on one line that is pushed aside: the rows themselves come first.
#[component(Counters)]
fn counters(props: &CountersProps) -> Html {
    let words = use_words();
    let line = use_node_ref();
    let chosen = props.chosen;
    // Back on the page, the one that was chosen is in sight.
    use_effect_with((), {
        let line = line.clone();
        move |()| {
            let Some(line) = line.cast::<HtmlElement>() else { return };
            let on = line.query_selector(".counter-on").ok().flatten().and_then(|on| on.dyn_into::<HtmlElement>().ok());
            if let Some(on) = on {
                line.set_scroll_left(on.offset_left() - line.offset_left() - 16);
            }
        }
    });
    html! {
        <div ref={line} class="counters" role="group" aria-label={words.today_summary()}>
            { for props.counts.iter().map(|(kind, count)| {
                let kind = *kind;
                let pressed = chosen.kind == Some(kind);
                let onclick = props.on_choose.reform(move |_: MouseEvent| Chosen { kind: (!pressed).then_some(kind), ..chosen });
                html! {
                    <button type="button" key={words.today_counter(kind)} class={classes!("counter", pressed.then_some("counter-on"))}
                        aria-pressed={if pressed { "true" } else { "false" }} {onclick}>
                        <span class="counter-number">{ *count }</span>
                        <span class="counter-name">{ words.today_counter(kind) }</span>
                    </button>
                }
            }) }
        </div>
    }
}

fn filters(words: Words, counts: FilterCounts, chosen: Chosen, remember: &Callback<Chosen>) -> Html {
    let now = chosen.filter;
    let chips = [
        (words.today_filter_overdue(), counts.overdue, now.overdue, TodayFilter { overdue: !now.overdue, ..now }),
        (words.today_filter_soon(), counts.soon, now.soon, TodayFilter { soon: !now.soon, ..now }),
        (words.today_filter_evening(), counts.evening, now.evening, TodayFilter { evening: !now.evening, ..now }),
        (words.today_filter_landlord(), counts.landlord, now.landlord, TodayFilter { landlord: !now.landlord, ..now }),
    ];
    html! {
        <div class="chips chips-line" role="group" aria-label={words.today_filters()}>
            { for chips.into_iter().map(|(label, count, pressed, filter)| html! {
                <Chip key={label} {label} {count} {pressed} on_click={remember.reform(move |()| Chosen { filter, ..chosen })} />
            }) }
        </div>
    }
}

/// Rows by road and building; a road says its name once.
fn buildings(words: Words, groups: &[TodayGroup], today: &str) -> Html {
    let mut road = "";
    let mut drawn = Vec::new();
    for group in groups {
        if !group.road.is_empty() && group.road != road && !group.place.is_empty() {
            drawn.push(html! { <h2 class="road">{ &group.road }</h2> });
        }
        road = &group.road;
        let title = [&group.place, &group.road].into_iter().find(|part| !part.is_empty());
        let title = title.map_or_else(|| words.today_no_place().to_owned(), Clone::clone);
        drawn.push(html! { <Cells {title}>{ for group.items.iter().map(|item| row(words, item, today)) }</Cells> });
    }
    drawn.into_iter().collect()
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
        TodayKind::EmptyHome => words.label_in("VisitResult", &item.detail).map(str::to_owned).unwrap_or_default(),
        TodayKind::ChangePending => words.label_in("VisitPersonResult", &item.detail).map(str::to_owned).unwrap_or_default(),
        TodayKind::Conflict => words.group(&item.detail).to_owned(),
        TodayKind::Refused | TodayKind::Sweep => String::new(),
        _ => item.detail.clone(),
    };
    let title = if detail.is_empty() { title } else { format!("{title} · {detail}") };
    let mut why = item.home.as_ref().map_or_else(|| words.today_why(item.kind).to_owned(), |home| words.today_home(home, today));
    if let Some(next) = &item.next {
        why = words.today_appointment(next, item.home.as_ref(), today);
    } else if item.kind == TodayKind::Sweep {
        why = words.today_sweep(&item.detail, item.due.as_ref(), today);
    } else if !item.door.is_empty() && item.home.is_none() {
        why = format!("{} · {why}", item.door);
    }
    match (link(item), item.kind, item.record) {
        (Some(href), ..) => html! { <LinkCell {href} {title} detail={why} tags={due.unwrap_or_default()} /> },
        (None, TodayKind::Referral, Some(id)) => html! { <Referral {id} {title} tags={due.unwrap_or_default()} /> },
        _ => html! {
            <div class="weui-cell row">
                <div class="weui-cell__bd"><span class="row-title">{ title }</span><span class="row-detail">{ &why }</span></div>
                <div class="weui-cell__ft row-tags">{ due.unwrap_or_default() }</div>
            </div>
        },
    }
}

fn link(item: &TodayItem) -> Option<AttrValue> {
    let route = match (item.kind, item.record) {
        // What was found says which form it asks for.
        (TodayKind::ChangePending, Some(id)) if item.detail == VisitPersonResult::MovedInBuilding.code() => Route::Move { id },
        (TodayKind::ChangePending, Some(id)) => Route::EditPerson { id },
        (TodayKind::VerifyReport | TodayKind::ReportReturned, Some(id)) => Route::Report { id },
        (TodayKind::ToPlace | TodayKind::IntendedEnds | TodayKind::SuspectedLeft, Some(id)) => Route::Person { id },
        (
            TodayKind::PermitMaterials
            | TodayKind::PermitHandOut
            | TodayKind::PermitEndorse
            | TodayKind::PermitExpires
            | TodayKind::PermitChange
            | TodayKind::PermitEnd,
            Some(id),
        ) => Route::Permits { id },
        (TodayKind::UnitPending | TodayKind::EmptyHome, Some(id)) => Route::Home { id },
        (TodayKind::MergedStay, Some(id)) => Route::Move { id },
        // The roster is what one comes for; nothing is begun before the first tap, and back leads to the home.
        (TodayKind::HomeDue | TodayKind::Appointment | TodayKind::Sweep, Some(id)) => Route::Visit { id },
        (TodayKind::HazardRecheck, Some(id)) => Route::Hazard { id },
        (TodayKind::Conflict | TodayKind::Contradicted | TodayKind::Duplicate | TodayKind::Refused, _) => Route::Attention,
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

/// A referral: its page, and telling the station, which is all there is to do.
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
                <a class="row-title inline-link" href={Route::Referral { id: props.id }.href()}>{ &props.title }</a>
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
