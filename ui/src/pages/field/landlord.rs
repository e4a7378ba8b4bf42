//! The landlord's version: my homes, what to report, receipts. Nothing else.

use domain::RecordId;
use ui_protocol::Topic;
use ui_protocol::units::{ListUnits, Unit};
use yew::prelude::*;

use super::history::HistoryLink;
use super::homes::{state_tone, tags};
use super::report::ReportList;
use super::route::Route;
use super::today::{DueForLandlord, FirstSync, Offline};
use crate::hooks::{Listed, use_call, use_frame, use_pages};
use crate::parts::{Banner, Cells, Empty, Fact, LinkCell, More, Screen, Skeleton, Tag, Tone, Trouble, answered};
use crate::words::use_words;

/// The landlord's first page.
#[component(MyHomes)]
pub fn my_homes() -> Html {
    let words = use_words();
    let frame = use_frame();
    let listed = use_pages(ListUnits::default(), &[Topic::Units, Topic::Sync]);
    html! {
        <Screen title={words.tab_my_homes()} thumb={html! { <a class="weui-btn button button-primary" href={Route::ReportIn.href()}>{ words.report_in() }</a> }}>
            if let Some(progress) = &frame.status.sync.progress {
                <FirstSync progress={progress.clone()} />
            }
            <Offline />
            <DueForLandlord />
            { match &listed {
                Listed::Waiting => html! { <Skeleton /> },
                Listed::Failed(error, again) => html! { <Trouble error={error.clone()} again={again.clone()} /> },
                Listed::Ready { rows, .. } if rows.is_empty() => html! { <Empty title={words.my_homes_empty()} help={words.my_homes_empty_help()} /> },
                Listed::Ready { rows, more, .. } => html! {
                    <>
                        <div class="weui-cells rows">
                            { for rows.iter().map(|row| html! {
                                <LinkCell key={row.id.to_string()} href={Route::Home { id: row.id }.href()} title={row.title.clone()}
                                    detail={row.area_name.clone()} tags={tags(words, row)} />
                            }) }
                        </div>
                        if let Some(on_more) = more {
                            <More on_more={on_more.clone()} />
                        }
                    </>
                },
            } }
        </Screen>
    }
}

/// Properties of [`MyHome`].
#[derive(Properties, PartialEq)]
pub struct MyHomeProps {
    /// Which.
    pub id: RecordId,
}

/// One home of the landlord's, with what was reported about it.
#[component(MyHome)]
pub fn my_home(props: &MyHomeProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let unit = props.id;
    let asked = use_call(Unit { id: unit }, &[Topic::Units, Topic::Sync]);
    let thumb = html! {
        <>
            <a class="weui-btn button button-primary" href={Route::ReportInTo { unit }.href()}>{ words.report_in() }</a>
            <a class="weui-btn button button-plain" href={Route::ReportOutOf { unit }.href()}>{ words.report_out() }</a>
        </>
    };
    html! {
        <Screen title={words.home_title()} back={Route::First.href()} {thumb}>
            { answered(&asked, |home| html! {
                <>
                    <div class="card">
                        <p class="card-title">{ &home.title }</p>
                        <p class="card-detail">{ &home.area_name }</p>
                        <p class="card-tags"><Tag text={words.label(home.state)} tone={state_tone(home.state)} /></p>
                    </div>
                    <Cells>
                        <Fact name={words.home_number()} value={home.number.clone()} />
                        <Fact name={words.field_rooms()} value={home.rooms.iter().filter(|room| room.id.is_some()).map(|room| room.label.as_str()).collect::<Vec<_>>().join("、")} />
                        <Fact name={words.home_letter()} value={
                            home.letter.as_ref().map_or_else(|| words.home_letter_missing().to_owned(), |letter| words.day(&letter.signed_on, frame.today()))
                        } />
                    </Cells>
                </>
            }) }
            <div class="group-head"><h2 class="weui-cells__title">{ words.home_reports() }</h2></div>
            <ReportList {unit} />
            <HistoryLink id={unit} />
        </Screen>
    }
}

/// What can be reported.
#[component(ChooseReport)]
pub fn choose_report() -> Html {
    let words = use_words();
    html! {
        <Screen title={words.tab_report()}>
            <Cells title={words.report_choose()}>
                <LinkCell href={Route::ReportIn.href()} title={words.report_in()} detail={words.report_in_help()} />
                <LinkCell href={Route::ReportOut.href()} title={words.report_out()} detail={words.report_out_help()} />
                <LinkCell href={Route::ReportNoChange.href()} title={words.report_no_change()} detail={words.report_no_change_help()} />
            </Cells>
            <Banner tone={Tone::Calm} text={words.report_not_registration()} />
        </Screen>
    }
}

/// Everything that was reported, with the receipts.
#[component(Receipts)]
pub fn receipts() -> Html {
    let words = use_words();
    html! {
        <Screen title={words.receipts_title()}>
            <ReportList />
        </Screen>
    }
}
