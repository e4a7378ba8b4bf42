//! The field app: who is here, which page, which tabs.

use domain::access::Role;
use gloo_timers::callback::Interval;
use ui_protocol::Topic;
use ui_protocol::session::{DeviceStatus, Settings, Stage, Status};
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use super::{
    attention, enrol, evening, hazard, help, history, home, home_form, homes, landlord, lease, leave, leave_note, letter, lock,
    me, moves, notice_slip, past_check, past_visit, people, permit_apply, permit_slip, permits, person, pin, plate, proof,
    referral, report, report_forms, resident, safety_check, same_home, scan, settings, sign_in, today, verify, visit, why,
};
use crate::backend::{self, Asker};
use crate::hooks::{
    Answer, Frame, NoticeBoard, Remembered, apply_settings, use_call, use_dark_system, use_frame, use_idle_lock, use_network,
};
use crate::parts::{Empty, LinkCell, Screen, Shape, Skeleton, Tab, TabBar, Trouble};
use crate::words::{Language, Words, use_words};

/// While an exchange runs its number is looked at this often.
const PROGRESS_EVERY_MS: u32 = 1_000;

/// The field app.
#[component(FieldApp)]
pub fn field_app() -> Html {
    let asker = use_memo((), |()| Asker::new(backend::choose()));
    use_network(&asker);
    let remembered = use_memo((), |()| Remembered::default());
    html! {
        <ContextProvider<Asker> context={(*asker).clone()}>
            <ContextProvider<Remembered> context={(*remembered).clone()}>
                <Whoever />
            </ContextProvider<Remembered>>
        </ContextProvider<Asker>>
    }
}

/// Asks who is here and speaks their language.
#[component(Whoever)]
fn whoever() -> Html {
    let asked = use_call(Status {}, &[Topic::Session, Topic::Sync, Topic::Attention]);
    let dark_system = use_dark_system();
    let status = asked.answer.ready().cloned();
    let settings = status.as_ref().map_or_else(Settings::default, |status| status.settings.clone());
    let words = Words::of(Language::from_setting(&settings.language));
    use_effect_with((settings, dark_system), move |(settings, dark_system)| {
        apply_settings(settings, *dark_system, words.app_name())
    });
    let syncing = status.as_ref().is_some_and(|status| status.sync.syncing);
    use_effect_with(syncing, {
        let again = asked.again.clone();
        move |syncing| {
            let looking = syncing.then(|| Interval::new(PROGRESS_EVERY_MS, move || again.emit(())));
            move || drop(looking)
        }
    });
    let page = match &asked.answer {
        Answer::Waiting => {
            html! { <main class="page"><h1 class="unseen">{ words.app_name() }</h1><Skeleton again={asked.again.clone()} /></main> }
        }
        Answer::Failed(error) => html! {
            <main class="page"><h1 class="unseen">{ words.app_name() }</h1><Trouble error={error.clone()} again={asked.again.clone()} /></main>
        },
        Answer::Ready(status) => html! {
            <ContextProvider<Frame> context={Frame { status: status.clone() }}>
                <NoticeBoard>{ stage(status) }</NoticeBoard>
            </ContextProvider<Frame>>
        },
    };
    html! { <ContextProvider<Words> context={words}>{ page }</ContextProvider<Words>> }
}

fn stage(status: &DeviceStatus) -> Html {
    match status.stage {
        Stage::NotEnrolled => html! { <enrol::Enrol /> },
        Stage::SignedOut => html! { <sign_in::SignIn /> },
        Stage::Locked => html! { <lock::LockScreen /> },
        Stage::LeaseOver => html! { <lease::LeaseOver /> },
        Stage::Ready => html! {
            <HashRouter>
                <Pages />
            </HashRouter>
        },
    }
}

/// The page of the address, and the tabs on the first pages.
#[component(Pages)]
fn pages() -> Html {
    let route = use_route::<Route>().unwrap_or(Route::Lost);
    let frame = use_frame();
    let words = use_words();
    let tabs = tabs(words, &frame, &route);
    use_idle_lock(frame.status.lock.pin.then_some(frame.status.settings.lock_after_min));
    html! {
        <div class={classes!("app", tabs.is_some().then_some("with-tabs"))}>
            { page(&route, frame.role()) }
            if let Some(tabs) = tabs {
                <TabBar {tabs} />
            }
        </div>
    }
}

/// Pages are keyed by what they are about: one home's form never turns into another's.
fn page(route: &Route, role: Option<Role>) -> Html {
    let key = route.to_path();
    if role == Some(Role::Landlord) {
        return match route.clone() {
            Route::First | Route::Homes => html! { <landlord::MyHomes /> },
            Route::Home { id } => html! { <landlord::MyHome {key} {id} /> },
            Route::ChooseReport => html! { <landlord::ChooseReport /> },
            Route::ReportIn => html! { <report_forms::ReportIn {key} /> },
            Route::ReportInTo { unit } => html! { <report_forms::ReportIn {key} {unit} /> },
            Route::ReportOut => html! { <report_forms::ReportOut {key} /> },
            Route::ReportOutOf { unit } => html! { <report_forms::ReportOut {key} {unit} /> },
            Route::ReportNoChange => html! { <report_forms::ReportNoChange {key} /> },
            Route::Reports => html! { <landlord::Receipts /> },
            Route::Report { id } => html! { <report::Report {key} {id} /> },
            Route::History { id } => html! { <history::History {key} {id} /> },
            Route::Me => html! { <me::Me /> },
            Route::Attention => html! { <attention::Attention /> },
            Route::Settings => html! { <settings::Settings /> },
            Route::Pin => html! { <pin::Pin /> },
            Route::Proof => html! { <proof::Proof /> },
            Route::Why => html! { <why::Why /> },
            Route::WhySend => html! { <why::Send /> },
            Route::WhyEdit => html! { <why::Edit /> },
            Route::Help => html! { <help::Help /> },
            _ => html! { <Lost /> },
        };
    }
    match route.clone() {
        Route::First => html! { <today::Today /> },
        Route::Homes => html! { <homes::Homes /> },
        Route::NewHome => html! { <home_form::NewHome {key} /> },
        Route::Scan => html! { <scan::Scan /> },
        Route::SameHome { id } => html! { <same_home::ChooseSameHome {key} {id} /> },
        Route::SameHomeAs { id, other } => html! { <same_home::ConfirmSameHome {key} {id} {other} /> },
        Route::Plate { id } => html! { <plate::Plate {key} {id} /> },
        Route::Home { id } => html! { <home::Home {key} {id} /> },
        Route::EditHome { id } => html! { <home_form::EditHome {key} {id} /> },
        Route::SafetyCheck { id } => html! { <safety_check::SafetyCheck {key} {id} /> },
        Route::Letter { id } => html! { <letter::Letter {key} {id} /> },
        Route::Referral { id } => html! { <referral::Referral {key} {id} /> },
        Route::Hazard { id } => html! { <hazard::Hazard {key} {id} /> },
        Route::PastCheck { id } => html! { <past_check::PastCheck {key} {id} /> },
        Route::Notice { id } => html! { <notice_slip::NoticeSlip {key} {id} /> },
        Route::Visit { id } => html! { <visit::Visit {key} {id} /> },
        Route::AddInVisit { id } => html! { <resident::AddPerson {key} {id} in_visit=true /> },
        Route::PastVisit { id } => html! { <past_visit::PastVisit {key} {id} /> },
        Route::LeaveNote { id } => html! { <leave_note::LeaveNote {key} {id} /> },
        Route::AddPerson { id } => html! { <resident::AddPerson {key} {id} /> },
        Route::People => html! { <people::People /> },
        Route::NewPerson => html! { <people::NewPerson /> },
        Route::Person { id } => html! { <person::Person {key} {id} /> },
        Route::EditPerson { id } => html! { <resident::EditPerson {key} {id} /> },
        Route::Move { id } => html! { <moves::Move {key} {id} /> },
        Route::MoveTo { id, unit } => html! { <moves::Move {key} {id} {unit} /> },
        Route::HandOver { id } => html! { <moves::HandOver {key} {id} /> },
        Route::Leave { id } => html! { <leave::Leave {key} {id} /> },
        Route::Permits { id } => html! { <permits::Permits {key} {id} /> },
        Route::ApplyPermit { id } => html! { <permit_apply::ApplyPermit {key} {id} /> },
        Route::PermitInfo { id } => html! { <permit_slip::PermitInfo {key} {id} /> },
        Route::BringMaterials { id, application } => html! { <permit_apply::BringMaterials {key} {id} {application} /> },
        Route::PermitSlip { id, application } => html! { <permit_slip::PermitSlip {key} {id} {application} /> },
        Route::Reports => html! { <report::Reports /> },
        Route::Report { id } => html! { <report::Report {key} {id} /> },
        Route::Verify { id } => html! { <verify::Verify {key} {id} /> },
        Route::ReturnReport { id } => html! { <verify::ReturnReport {key} {id} /> },
        Route::History { id } => html! { <history::History {key} {id} /> },
        Route::Me => html! { <me::Me /> },
        Route::Evening => html! { <evening::Evening /> },
        Route::Attention => html! { <attention::Attention /> },
        Route::Settings => html! { <settings::Settings /> },
        Route::Pin => html! { <pin::Pin /> },
        Route::Proof => html! { <proof::Proof /> },
        Route::Why => html! { <why::Why /> },
        Route::WhyPerson => html! { <why::Person /> },
        Route::WhySend => html! { <why::Send /> },
        Route::WhyEdit => html! { <why::Edit /> },
        Route::Help => html! { <help::Help /> },
        Route::ChooseReport
        | Route::ReportIn
        | Route::ReportInTo { .. }
        | Route::ReportOut
        | Route::ReportOutOf { .. }
        | Route::ReportNoChange
        | Route::Lost => {
            html! { <Lost /> }
        }
    }
}

/// The tabs, on the pages they lead to.
fn tabs(words: Words, frame: &Frame, route: &Route) -> Option<Vec<Tab>> {
    let rows: [(Route, &'static str, Shape); 4] = if frame.is_landlord() {
        [
            (Route::First, words.tab_my_homes(), Shape::Home),
            (Route::ChooseReport, words.tab_report(), Shape::Report),
            (Route::Reports, words.tab_receipts(), Shape::Receipt),
            (Route::Me, words.tab_me(), Shape::Me),
        ]
    } else {
        [
            (Route::First, words.tab_today(), Shape::Today),
            (Route::Homes, words.tab_homes(), Shape::Home),
            (Route::People, words.tab_people(), Shape::People),
            (Route::Me, words.tab_me(), Shape::Me),
        ]
    };
    rows.iter().any(|(of_tab, ..)| of_tab == route).then(|| {
        rows.into_iter()
            .map(|(of_tab, label, shape)| Tab {
                href: of_tab.href(),
                label,
                shape,
                here: of_tab == *route,
                count: if of_tab == Route::Me { frame.status.sync.waiting + frame.attention() } else { 0 },
            })
            .collect()
    })
}

/// An address that leads nowhere.
#[component(Lost)]
fn lost() -> Html {
    let words = use_words();
    html! {
        <Screen title={words.page_lost()} back={Route::First.href()}>
            <Empty title={words.page_lost()} help={words.page_lost_help()} />
            <div class="weui-cells"><LinkCell href={Route::First.href()} title={words.go_home()} /></div>
        </Screen>
    }
}
