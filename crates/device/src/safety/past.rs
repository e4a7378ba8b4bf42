//! A check as it was made, to be read again.

use domain::checklist::{Answer, Item};
use domain::hazard::RecheckFact;
use domain::inspection::InspectionFact;
use domain::{kind, withdrawal};
use ui_protocol::ErrorCode;
use ui_protocol::safety::{PastCheck, PastCheckView};

use super::hazards::slip_items;
use super::{check_row, hazard_row};
use crate::error::Failure;
use crate::hands::Hands;
use crate::{Device, derive, homes};

impl Device {
    pub(crate) fn past_check(&self, ask: &PastCheck) -> Result<PastCheckView, Failure> {
        self.store.read(|view| {
            let identity = self.require(view)?;
            let (today, law) = (self.today(view)?, self.law(view)?);
            let check = view.shown(ask.id)?.filter(|check| check.kind == kind::INSPECTION).ok_or(ErrorCode::NotFound)?;
            let fact: InspectionFact = check.typed("fact").ok_or(ErrorCode::NotFound)?;
            let hazards = withdrawal::standing(homes::naming(view, fact.unit, kind::HAZARD)?, view)?;
            let mut closed = Vec::new();
            for recheck in withdrawal::standing(view.naming(check.id, kind::RECHECK)?, view)? {
                let Some(said) = recheck.typed::<RecheckFact>("fact").filter(|said| said.fixed) else { continue };
                if let Some(hazard) = hazards.iter().find(|hazard| hazard.id == said.hazard) {
                    closed.push(hazard_row(view, hazard, &law, today)?);
                }
            }
            let says = |item: &Item| fact.answers.get(item.code()).copied().unwrap_or(Answer::NotChecked);
            Ok(PastCheckView {
                row: check_row(view, &check, &hazards, identity.device)?.ok_or(ErrorCode::NotFound)?,
                unit: fact.unit,
                home: view.shown(fact.unit)?.as_ref().map(derive::unit_title).unwrap_or_default(),
                by: Hands::known(view, &identity)?.of(&check, "fact"),
                answers: Item::ALL.iter().map(|item| (*item, says(item))).collect(),
                found: slip_items(view, check.id, fact.unit, &law, today)?,
                closed,
                may_take_back: self.may_take_back(view, &check)?,
                stations: self.is_stations_to_take_back(view, &check)?,
                may_let_stand: self.may_let_stand(view, &check)?,
                rooms: fact.rooms,
                limits: fact.limits,
                note: fact.note,
            })
        })
    }
}
