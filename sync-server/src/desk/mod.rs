//! The officer's page: what it may ask, and who may ask it.

mod decide;
pub(crate) mod held;
mod home;
pub(crate) mod lists;
mod permits;
mod photos;
mod plates;
pub(crate) mod proof;
mod restored;
mod session;
mod sweeps;
mod view;
mod why;

use std::collections::BTreeSet;

use domain::access::Role;
use store::server::{AccountRow, View};
use ui_protocol::desk::{MeReply, RecordView};
use ui_protocol::session::Account;
use ui_protocol::{DeskCommand, ErrorCode, Handled, Topic, UiError};

use crate::core::Core;
use crate::failure::Failure;

pub use held::Decider;
pub use session::{SESSION_IDLE_MS, SESSION_MS_MAX};

/// Somebody signed in at the desk.
#[derive(Clone, Debug)]
pub struct DeskCaller {
    /// The account.
    pub account: AccountRow,
    /// The villages it sees.
    pub villages: Vec<String>,
}

impl DeskCaller {
    /// What an account sees at the desk: an officer the villages of the station, the bureau's administrator all of them,
    /// to look at. Anybody else nothing.
    ///
    /// # Errors
    /// [`ErrorCode::NotAllowed`].
    pub fn of(view: &View<'_>, account: AccountRow) -> Result<DeskCaller, Failure> {
        let villages = match account.role {
            Role::Officer => view.villages_of(account.id)?,
            Role::Admin => view.areas()?.into_iter().filter(|area| area.level == "village").map(|area| area.code).collect(),
            Role::Coordinator | Role::Landlord => return Err(Failure::Desk(ErrorCode::NotAllowed)),
        };
        Ok(DeskCaller { account, villages })
    }

    /// Only an officer decides anything here.
    fn may_decide(&self) -> Result<(), Failure> {
        if self.account.role == Role::Officer { Ok(()) } else { Err(Failure::Desk(ErrorCode::NotAllowed)) }
    }

    fn sees(&self, area: &str) -> bool {
        self.villages.iter().any(|village| village == area)
    }
}

impl Core {
    /// Answers the officer's page.
    ///
    /// # Errors
    /// What the page shows.
    pub fn desk(&self, caller: &DeskCaller, command: DeskCommand) -> Result<Handled, UiError> {
        self.desk_inner(caller, command).map_err(Failure::into_desk)
    }

    fn desk_inner(&self, caller: &DeskCaller, command: DeskCommand) -> Result<Handled, Failure> {
        match command {
            DeskCommand::Me(_) => self.look(|view| answer(&self.me(view, caller)?, &[])),
            DeskCommand::Overview(_) => self.look(|view| answer(&lists::overview(view, caller)?, &[])),
            DeskCommand::Staffing(_) => self.look(|view| answer(&lists::staffing(view, caller, self.today())?, &[])),
            DeskCommand::ListRecords(ask) => self.look(|view| answer(&lists::records(view, caller, &ask, self.today())?, &[])),
            DeskCommand::Devices(_) => self.look(|view| answer(&lists::devices(view, caller, self.now_unix_ms())?, &[])),
            DeskCommand::ViewRecord(ask) => answer(&self.view_record(caller, ask.id)?, &[]),
            DeskCommand::RestoreResidency(ask) => self.decided(self.restore_residency(caller, &ask)?, caller),
            DeskCommand::SetGrade(ask) => self.decided(self.set_grade(caller, &ask)?, caller),
            DeskCommand::AnswerForStation(ask) => self.decided(self.answer_for_station(caller, &ask)?, caller),
            DeskCommand::SplitForStation(ask) => self.decided(self.split_for_station(caller, &ask)?, caller),
            DeskCommand::SettleForStation(ask) => self.decided(self.settle_for_station(caller, &ask)?, caller),
            DeskCommand::WeighForStation(ask) => self.decided(self.weigh_for_station(caller, &ask)?, caller),
            DeskCommand::Sweeps(_) => self.sweeps(caller, &[]),
            DeskCommand::SetSweep(ask) => self.set_sweep(caller, &ask).and_then(|()| self.sweeps(caller, &[Topic::Units])),
            DeskCommand::CloseSweep(ask) => self.close_sweep(caller, &ask).and_then(|()| self.sweeps(caller, &[Topic::Units])),
            DeskCommand::Restored(_) => self.look(|view| answer(&restored::look(view, caller, self.now_unix_ms())?, &[])),
            DeskCommand::ConfirmRestore(_) => answer(&self.confirm_restore_at_desk(caller)?, &[Topic::Session]),
            DeskCommand::StationProof(ask) => self.look(|view| answer(&proof::look(view, caller, &ask)?, &[])),
            DeskCommand::StationWhySave(ask) => answer(&self.why_save(caller, &ask)?, &[]),
            DeskCommand::StationWhyPerson(ask) => answer(&self.why_person(caller, &ask)?, &[]),
            DeskCommand::Plates(ask) => self.look(|view| answer(&plates::plates(view, caller, &ask)?, &[])),
            DeskCommand::ReplacePlate(ask) => self.decided(self.replace_plate(caller, &ask)?, caller),
            DeskCommand::StationPhotoBytes(ask) => answer(&self.station_photo(caller, &ask)?, &[]),
            DeskCommand::DecidePermit(ask) => self.decided(self.decide_permit(caller, &ask)?, caller),
            DeskCommand::TakeBackForStation(ask) => self.decided(self.take_back_for_station(caller, &ask)?, caller),
            DeskCommand::HazardForStation(ask) => self.decided(self.hazard_for_station(caller, &ask)?, caller),
            DeskCommand::AnswerGrade(ask) => self.decided(self.answer_grade(caller, &ask)?, caller),
            DeskCommand::SafetyList(_) => self.look(|view| answer(&home::list(view, caller)?, &[])),
            DeskCommand::ListHeld(ask) => self.look(|view| answer(&held::list(view, caller, &ask)?, &[])),
            DeskCommand::ViewHeld(ask) => answer(&self.view_held(caller, ask.number)?, &[]),
            DeskCommand::TakeHeld(ask) => answer(
                &self.take_held_at_desk(caller, ask.number)?,
                &[Topic::Units, Topic::People, Topic::Reports, Topic::Attention],
            ),
            DeskCommand::RejectHeld(ask) => {
                answer(&self.reject_held_at_desk(caller, ask.number, &ask.note)?, &[Topic::Attention])
            }
        }
    }

    fn sweeps(&self, caller: &DeskCaller, changed: &[Topic]) -> Result<Handled, Failure> {
        let today = self.today();
        self.look(|view| answer(&sweeps::list(view, caller, today)?, changed))
    }

    fn decided(&self, id: domain::RecordId, caller: &DeskCaller) -> Result<Handled, Failure> {
        let shown: RecordView = self.view_record(caller, id)?;
        answer(&shown, &[Topic::People, Topic::Units, Topic::Attention])
    }

    pub(crate) fn me(&self, view: &View<'_>, caller: &DeskCaller) -> Result<MeReply, Failure> {
        let AccountRow { id, login, name, role, .. } = caller.account.clone();
        Ok(MeReply {
            account: Account { id, login, name, role },
            areas: view.account_areas(id)?,
            today: self.today().to_string(),
            restored_unix_ms: restored::waits_since(view)?,
        })
    }
}

pub(crate) fn answer<T: serde::Serialize>(reply: &T, topics: &[Topic]) -> Result<Handled, Failure> {
    let topics: BTreeSet<Topic> = topics.iter().copied().collect();
    let reply = serde_json::to_value(reply).map_err(store::StoreError::from)?;
    Ok(Handled { reply, topics: topics.into_iter().collect() })
}
