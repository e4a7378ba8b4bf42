//! The table of contents, answered: an exhaustive match, so that the compiler finds the command nobody handles.

use domain::access::Role;
use serde::Serialize;
use ui_protocol::{DeviceCommand, ErrorCode, Handled, Topic, UiError};

use crate::Device;
use crate::error::Failure;

impl Device {
    /// Answers a command. Reads run beside a save and a sync; a save's answer comes after its commit.
    ///
    /// # Errors
    /// What the person is told; nothing was half done.
    pub fn handle(&self, command: DeviceCommand) -> Result<Handled, UiError> {
        self.dispatch(command).map_err(|failure| {
            let mut error = failure.into_ui();
            error.waiting = self.store.read(|view| view.waiting_count()).unwrap_or(0);
            error
        })
    }

    /// The same for a transport: a command as JSON in, `Ok` or `Err` as JSON out.
    pub fn handle_json(&self, command: &str) -> (String, Vec<Topic>) {
        let answer = match serde_json::from_str::<DeviceCommand>(command) {
            Ok(command) => self.handle(command),
            Err(_) => Err(UiError::of(ErrorCode::Malformed)),
        };
        let topics = answer.as_ref().map(|handled| handled.topics.clone()).unwrap_or_default();
        // Replies are plain shapes with text keys: they always have a JSON form.
        (serde_json::to_string(&answer).unwrap_or_else(|_| r#"{"Err":{"code":"internal"}}"#.to_owned()), topics)
    }

    /// Default deny: what a role may ask at all. Which records it may touch is the merge's and the server's question.
    fn permit(&self, command: &DeviceCommand) -> Result<(), Failure> {
        use DeviceCommand as Ask;
        let role = match command {
            // These make or end a session, or dress the screen it starts on.
            Ask::Status(_) | Ask::Enrol(_) | Ask::SignIn(_) | Ask::SignOut(_) | Ask::ResetPassword(_) | Ask::SaveSettings(_) => {
                return Ok(());
            }
            _ => self.store.read(|view| self.require(view))?.account.role,
        };
        let allowed = match command {
            Ask::SaveReport(_) | Ask::WithdrawReport(_) => role == Role::Landlord,
            // The lock around a device answers them.
            Ask::Unlock(_) | Ask::Lock(_) | Ask::SetPin(_) | Ask::DropPin(_) | Ask::HandInSealed(_) | Ask::BeginAnew(_) => false,
            Ask::SyncNow(_) | Ask::SyncStop(_) => true,
            Ask::Today(_)
            | Ask::ListUnits(_)
            | Ask::Unit(_)
            | Ask::ListReports(_)
            | Ask::Report(_)
            | Ask::DueFor(_)
            | Ask::History(_)
            | Ask::WholeHistory(_)
            | Ask::Attention(_)
            | Ask::Proof(_)
            | Ask::DeepCheck(_)
            | Ask::WhySend(_)
            | Ask::WhyEdit(_)
            | Ask::SettleConflict(_)
            | Ask::Resend(_)
            | Ask::Discard(_)
            | Ask::KeepDraft(_)
            | Ask::Draft(_)
            | Ask::DropDraft(_)
            | Ask::Areas(_)
            | Ask::NoticeText(_) => matches!(role, Role::Coordinator | Role::Officer | Role::Landlord),
            _ => matches!(role, Role::Coordinator | Role::Officer),
        };
        if allowed { Ok(()) } else { Err(ErrorCode::NotAllowed.into()) }
    }

    fn dispatch(&self, command: DeviceCommand) -> Result<Handled, Failure> {
        self.permit(&command)?;
        use DeviceCommand as Ask;
        use Topic::{Attention, Forms, People, Photos, Reports, Session, Sync, Units};
        match command {
            Ask::Status(ask) => answer(self.status(&ask)?, &[]),
            Ask::Enrol(ask) => answer(self.enrol(&ask)?, &[Session, Sync]),
            Ask::SignIn(ask) => answer(self.sign_in(&ask)?, &[Session]),
            Ask::SignOut(ask) => answer(self.sign_out(&ask)?, &[Session]),
            Ask::ResetPassword(ask) => answer(self.reset_password(&ask)?, &[Session]),
            Ask::SaveSettings(ask) => answer(self.save_settings(&ask)?, &[Session]),
            Ask::Unlock(_) | Ask::Lock(_) | Ask::SetPin(_) | Ask::DropPin(_) | Ask::HandInSealed(_) | Ask::BeginAnew(_) => {
                Err(ErrorCode::NotAllowed.into())
            }
            Ask::SyncNow(_) => answer(self.sync_now()?, &[Session, Units, People, Reports, Attention, Sync]),
            Ask::SyncStop(_) => answer(self.sync_stop()?, &[Sync]),

            Ask::Today(ask) => answer(self.today_list(&ask)?, &[]),

            Ask::ListUnits(ask) => answer(self.list_units(&ask)?, &[]),
            Ask::Unit(ask) => answer(self.unit(&ask)?, &[]),
            Ask::SaveUnit(ask) => answer(self.save_unit(&ask)?, &[Units, Sync]),
            Ask::SetUnitState(ask) => answer(self.set_unit_state(&ask)?, &[Units, Sync]),
            Ask::SameHomes(ask) => answer(self.same_homes(&ask)?, &[]),
            Ask::SameHome(ask) => answer(self.same_home(&ask)?, &[]),
            Ask::MergeHomes(ask) => answer(self.merge_homes(&ask)?, &[Units, People, Reports, Sync]),
            Ask::PartHomes(ask) => answer(self.part_homes(&ask)?, &[Units, People, Reports, Sync]),
            Ask::AddFirm(ask) => answer(self.add_firm(&ask)?, &[Units, Sync]),
            Ask::EndTenancy(ask) => answer(self.end_tenancy(&ask)?, &[Units, Sync]),

            Ask::OpenPlate(ask) => answer(self.open_plate(&ask)?, &[]),
            Ask::ScanPicture(ask) => answer(self.scan_picture(&ask)?, &[]),
            Ask::PlateOf(ask) => answer(self.plate_of(&ask)?, &[]),
            Ask::WantPlate(ask) => answer(self.want_plate(&ask)?, &[Units, Sync]),

            Ask::Visit(ask) => answer(self.visit_view(&ask)?, &[]),
            Ask::NoteVisit(ask) => answer(self.note_visit(&ask)?, &[]),
            Ask::FinishVisit(ask) => answer(self.finish_visit(&ask)?, &[Units, People, Attention, Sync]),
            Ask::DropVisit(ask) => answer(self.drop_visit(&ask)?, &[]),
            Ask::OpenVisits(ask) => answer(self.open_visits(&ask)?, &[]),
            Ask::PastVisits(ask) => answer(self.past_visits(&ask)?, &[]),
            Ask::PastVisit(ask) => answer(self.past_visit(&ask)?, &[]),
            Ask::CorrectAnswer(ask) => answer(self.correct_answer(&ask)?, &[Units, People, Attention, Sync]),

            Ask::TakeBack(ask) => answer(self.take_back(&ask)?, &[Units, People, Attention, Sync]),
            Ask::LetStand(ask) => answer(self.let_stand(&ask)?, &[Units, People, Attention, Sync]),
            Ask::ProposeGrade(ask) => answer(self.propose_grade(&ask)?, &[Units, Sync]),

            Ask::Safety(ask) => answer(self.safety(&ask)?, &[]),
            Ask::CheckForm(ask) => answer(self.check_form(&ask)?, &[]),
            Ask::SaveCheck(ask) => answer(self.save_check(&ask)?, &[Units, Sync]),
            Ask::PastCheck(ask) => answer(self.past_check(&ask)?, &[]),
            Ask::Hazard(ask) => answer(self.hazard(&ask)?, &[]),
            Ask::RecheckHazard(ask) => answer(self.recheck_hazard(&ask)?, &[Units, Sync]),
            Ask::HandOverHazard(ask) => answer(self.hand_over_hazard(&ask)?, &[Units, Sync]),
            Ask::NoticeSlip(ask) => answer(self.notice_slip(&ask)?, &[]),
            Ask::Letters(ask) => answer(self.letters(&ask)?, &[]),
            Ask::SignLetter(ask) => answer(self.sign_letter(&ask)?, &[Units, Sync]),

            Ask::Photos(ask) => answer(self.photos(&ask)?, &[]),
            Ask::AddPhoto(ask) => answer(self.add_photo(&ask)?, &[Photos, Sync]),
            Ask::WithdrawPhoto(ask) => answer(self.withdraw_photo(&ask)?, &[Photos, Sync]),
            Ask::PutPhotoBack(ask) => answer(self.put_photo_back(&ask)?, &[Photos, Sync]),
            Ask::PhotoBytes(ask) => answer(self.photo_bytes(&ask)?, &[]),
            Ask::SendPhotos(ask) => answer(self.send_photos(&ask)?, &[Sync]),
            Ask::TellNetwork(ask) => answer(self.tell_network(&ask)?, &[]),

            Ask::ListPeople(ask) => answer(self.list_people(&ask)?, &[]),
            Ask::Person(ask) => answer(self.person(&ask)?, &[]),
            Ask::CheckDocument(ask) => answer(self.check_document(&ask)?, &[]),
            Ask::LookUpCounty(ask) => answer(self.look_up_county(&ask)?, &[]),
            Ask::RevealDocument(ask) => answer(self.reveal_document(&ask)?, &[Sync]),
            Ask::NewResident(ask) => answer(self.new_resident(&ask)?, &[]),
            Ask::SaveResident(ask) => answer(self.save_resident(&ask)?, &[People, Units, Sync]),
            Ask::ChangeResident(ask) => answer(self.change_resident(&ask)?, &[People, Units, Sync]),
            Ask::MoveResident(ask) => answer(self.move_resident(&ask)?, &[People, Units, Sync]),
            Ask::HandOver(ask) => answer(self.hand_over(&ask)?, &[People, Units, Sync]),
            Ask::ExtendStay(ask) => answer(self.extend_stay(&ask)?, &[People, Units, Sync]),
            Ask::CancelResidency(ask) => answer(self.cancel_residency(&ask)?, &[People, Units, Sync]),
            Ask::SplitPerson(ask) => answer(self.split_person(&ask)?, &[People, Units, Attention, Sync]),
            Ask::UndoMistake(ask) => answer(self.undo_mistake(&ask)?, &[People, Units, Sync]),

            Ask::PermitsOf(ask) => answer(self.permits_of(&ask)?, &[]),
            Ask::WhoMayApply(ask) => answer(self.who_may_apply(&ask)?, &[]),
            Ask::ApplyPermit(ask) => answer(self.apply_permit(&ask)?, &[People, Sync]),
            Ask::BringMaterials(ask) => answer(self.bring_materials(&ask)?, &[People, Sync]),
            Ask::PermitSlip(ask) => answer(self.permit_slip(&ask)?, &[]),
            Ask::NotePermit(ask) => answer(self.note_permit(&ask)?, &[People, Sync]),
            Ask::TakeBackNote(ask) => answer(self.take_back_note(&ask)?, &[People, Sync]),

            Ask::ListReports(ask) => answer(self.list_reports(&ask)?, &[]),
            Ask::Report(ask) => answer(self.report(&ask)?, &[]),
            Ask::SaveReport(ask) => answer(self.save_report(&ask)?, &[Reports, Sync]),
            Ask::WithdrawReport(ask) => answer(self.withdraw_report(&ask)?, &[Reports, Sync]),
            Ask::VerifyReport(ask) => answer(self.verify_report(&ask)?, &[Reports, People, Units, Sync]),
            Ask::ReturnReport(ask) => answer(self.return_report(&ask)?, &[Reports, Sync]),
            Ask::DueFor(ask) => answer(self.due_for(&ask)?, &[]),
            Ask::Referral(ask) => answer(self.referral(&ask)?, &[]),
            Ask::ReferralHanded(ask) => answer(self.referral_handed(&ask)?, &[Reports, Sync]),

            Ask::DayLog(ask) => answer(self.day_log(&ask)?, &[]),
            Ask::History(ask) => answer(self.history(&ask)?, &[]),
            Ask::WholeHistory(ask) => answer(self.whole_history(&ask)?, &[]),

            Ask::Attention(ask) => answer(self.attention(&ask)?, &[]),
            Ask::SettleConflict(ask) => answer(self.settle_conflict(&ask)?, &[Attention, Units, People, Reports, Sync]),
            Ask::SettleDuplicate(ask) => answer(self.settle_duplicate(&ask)?, &[Attention, People, Units, Sync]),
            Ask::WeighWords(ask) => answer(self.weigh_words(&ask)?, &[Attention, People, Units, Sync]),
            Ask::Resend(ask) => answer(self.resend(&ask)?, &[Attention, Units, People, Reports, Sync]),
            Ask::Discard(ask) => answer(self.discard(&ask)?, &[Attention, Sync]),

            Ask::Proof(ask) => answer(self.proof(&ask)?, &[]),
            Ask::DeepCheck(ask) => answer(self.deep_check(&ask)?, &[Session, Units, People, Reports, Attention, Sync]),
            Ask::WhyPerson(ask) => answer(self.why_person(&ask)?, &[]),
            Ask::WhySend(ask) => answer(self.why_send(&ask)?, &[]),
            Ask::WhyEdit(ask) => answer(self.why_edit(&ask)?, &[]),

            // A page that was left keeps its form while the next one asks already.
            Ask::KeepDraft(ask) => answer(self.keep_draft(&ask)?, &[Forms]),
            Ask::Draft(ask) => answer(self.draft(&ask)?, &[]),
            Ask::DropDraft(ask) => answer(self.drop_draft(&ask)?, &[Forms]),
            Ask::OpenForms(ask) => answer(self.open_forms(&ask)?, &[]),
            Ask::Regions(ask) => answer(self.regions(&ask)?, &[]),
            Ask::Areas(ask) => answer(self.areas(&ask)?, &[]),
            Ask::NoticeText(ask) => answer(self.notice(&ask)?, &[]),
        }
    }
}

pub(crate) fn answer<T: Serialize>(reply: T, topics: &[Topic]) -> Result<Handled, Failure> {
    Ok(Handled { reply: serde_json::to_value(reply)?, topics: topics.to_vec() })
}
