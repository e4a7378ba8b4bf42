//! Records on their way down, and what the server added to a device's own.

use domain::{DeviceNumber, GroupValue, Origin, Record, RecordId, Stamp};
use serde_json::{Value, json};

use super::Bad;
use super::ids::Counted;
use super::shapes::{GroupShape, Shape, Shapes, read_fields, write_fields};
use super::values::{Places, Said, text};

/// What follows from what, while records are written or read.
#[derive(Debug, Default)]
pub struct Rows {
    said: Said,
    /// The device whose value was told last.
    device: Option<DeviceNumber>,
    /// The server's stamp that was told last.
    servers: i64,
}

fn born(id: RecordId) -> i64 {
    Counted::of(id.0).map_or(0, |id| Stamp::at(id.ms).as_i64())
}

impl Rows {
    /// `s7`: the server's, so far after its last one; `7`: of the last device, so far after the record's first moment; `7-3`: of
    /// device 3.
    fn write_origin(&mut self, record: RecordId, origin: Origin) -> Value {
        let stamp = origin.stamp.as_i64();
        if origin.device.is_server() {
            let steps = stamp - self.servers;
            self.servers = stamp;
            return json!(format!("s{steps}"));
        }
        let steps = stamp - born(record);
        if self.device.replace(origin.device) == Some(origin.device) {
            json!(steps)
        } else {
            json!(format!("{steps}-{}", origin.device))
        }
    }

    fn read_origin(&mut self, record: RecordId, value: Value) -> Result<Origin, Bad> {
        let number = |text: &str| text.parse::<i64>().map_err(|_| Bad);
        if let Value::String(text) = &value {
            if let Some(steps) = text.strip_prefix('s') {
                self.servers = self.servers.checked_add(number(steps)?).ok_or(Bad)?;
                return Ok(Origin { stamp: Stamp::from_i64(self.servers), device: DeviceNumber::SERVER });
            }
            let (steps, device) = text.rsplit_once('-').ok_or(Bad)?;
            let device = DeviceNumber(device.parse().map_err(|_| Bad)?);
            self.device = Some(device);
            let stamp = born(record).checked_add(number(steps)?).ok_or(Bad)?;
            return Ok(Origin { stamp: Stamp::from_i64(stamp), device });
        }
        let stamp = born(record).checked_add(value.as_i64().ok_or(Bad)?).ok_or(Bad)?;
        Ok(Origin { stamp: Stamp::from_i64(stamp), device: self.device.ok_or(Bad)? })
    }

    /// An id by itself.
    pub fn write_id(&mut self, id: RecordId) -> Value {
        self.said.here = None;
        json!(self.said.write_id(id.0))
    }

    /// An id by itself.
    pub fn read_id(&mut self, value: Value) -> Result<RecordId, Bad> {
        self.said.here = None;
        Ok(RecordId(self.said.read_id(&text(value)?)?))
    }

    /// The groups of a record: their shape, and then their values.
    pub fn write_groups<'g>(
        &mut self,
        record: RecordId,
        head: Vec<String>,
        groups: impl Iterator<Item = (&'g String, &'g GroupValue)>,
        shapes: &mut Shapes,
        places: &mut Vec<Value>,
    ) {
        self.said.here = Counted::of(record.0);
        let (mut shape, mut values, mut before) = (Vec::new(), Vec::new(), None);
        for (name, value) in groups {
            let told = before != Some(value.origin);
            if told {
                values.push(self.write_origin(record, value.origin));
            }
            before = Some(value.origin);
            shape.push(GroupShape::of(name, told, &value.fields));
            write_fields(&mut self.said, &value.fields, &mut values);
        }
        places.push(json!(shapes.number(Shape { head, schema: 0, groups: shape })));
        places.extend(values);
    }

    /// The groups behind [`Rows::write_groups`], and the head of their shape.
    pub fn read_groups(
        &mut self,
        record: RecordId,
        shape: &Shape,
        places: &mut Places,
    ) -> Result<std::collections::BTreeMap<String, GroupValue>, Bad> {
        self.said.here = Counted::of(record.0);
        let (mut groups, mut before) = (std::collections::BTreeMap::new(), None);
        for group in &shape.groups {
            let origin = if group.based { self.read_origin(record, places.next()?)? } else { before.ok_or(Bad)? };
            before = Some(origin);
            let fields = read_fields(&mut self.said, group, places)?;
            groups.insert(group.name.clone(), GroupValue::new(fields, origin));
        }
        Ok(groups)
    }

    /// A whole record.
    pub fn write_record(&mut self, record: &Record, shapes: &mut Shapes, places: &mut Vec<Value>) {
        places.push(self.write_id(record.id));
        let mut head = vec![record.kind.clone()];
        if let Some(dead) = record.dead {
            head.push(dead.to_string());
        }
        self.write_groups(record.id, head, record.groups.iter(), shapes, places);
    }

    /// A whole record.
    pub fn read_record(&mut self, shapes: &Shapes, places: &mut Places) -> Result<Record, Bad> {
        let id = self.read_id(places.next()?)?;
        let shape = shapes.at(places.count()?)?;
        let kind = shape.head.first().ok_or(Bad)?.clone();
        let dead = shape.head.get(1).map(|dead| dead.parse().map_err(|_| Bad)).transpose()?;
        let groups = self.read_groups(id, &shape, places)?;
        Ok(Record { kind, id, groups, dead })
    }
}
