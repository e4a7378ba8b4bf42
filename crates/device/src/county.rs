//! Asking the county whether somebody is registered elsewhere, while a form is open. No lock spans the question.

use sync_protocol::lookup::{Elsewhere, Lookup};
use sync_protocol::{Ask, Told};
use ui_protocol::ErrorCode;
use ui_protocol::people::{CoordinatorContact, CountyReply, LookUpCounty, RegisteredAt};

use crate::Device;
use crate::error::{Failure, sync_failure};

impl Device {
    pub(crate) fn look_up_county(&self, ask: &LookUpCounty) -> Result<CountyReply, Failure> {
        let identity = self.store.read(|view| self.require(view))?;
        let credentials = self.credentials(&identity)?;
        let server = self.around.connector().server(&identity.server, credentials);
        let lookup = Lookup { doc_type: ask.doc_type, doc_no: ask.doc_no.clone() };
        match server.ask(Ask::Lookup(lookup)).map_err(|error| sync_failure(&error))? {
            Told::Elsewhere { found } => Ok(CountyReply { found: found.into_iter().map(registered_at).collect() }),
            _ => Err(ErrorCode::Server.into()),
        }
    }
}

fn registered_at(found: Elsewhere) -> RegisteredAt {
    let contact = |contact: sync_protocol::lookup::Contact| CoordinatorContact { name: contact.name, phone: contact.phone };
    RegisteredAt {
        village: format!("{}{}", found.township, found.village),
        coordinators: found.coordinators.into_iter().map(contact).collect(),
    }
}
