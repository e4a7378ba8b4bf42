//! Homes.

use super::{Words, sentences};

sentences! {
    homes_search = "地址、门牌、房东、电话尾号", "Address, plate, landlord, phone tail";
    homes_empty = "还没有房屋", "No homes yet";
    homes_empty_help = "按“添加房屋”登记第一处。", "Add the first one below.";
    my_homes_empty = "还没有您名下的房屋", "No home of yours yet";
    my_homes_empty_help = "请协管员先登记您的房屋，手机号要和您的一致。", "Ask the coordinator to register your home with your phone number.";
    home_add = "添加房屋", "Add a home";
    home_new_title = "新房屋", "New home";
    home_edit_title = "修改房屋", "Change a home";
    home_title = "房屋", "Home";
    home_landlord = "房东", "Landlord";
    home_state = "备案", "Registration";
    home_number = "编号", "Number";
    home_letting = "出租情况", "Letting";
    home_letter = "治安责任书", "Letter of responsibility";
    home_letter_missing = "还没有签", "Not signed yet";
    home_last_visit = "上次上门", "Last visit";
    home_last_visit_never = "还没有上过门", "Never visited";
    home_rooms = "房间和住的人", "Rooms and who lives there";
    home_rooms_empty = "还没有房间，也没有登记住户", "No rooms and nobody registered yet";
    home_room_vacant = "没有登记的住户", "Nobody registered";
    home_no_room = "未分房间", "In no particular room";
    home_lessee = "承租人", "Tenant";
    home_add_person = "添加住户", "Add a resident";
    home_actions = "其他操作", "More actions";
    home_register = "登记备案", "Register this home";
    home_register_ask = "确认这处房屋已经核对，登记备案？", "Was this home checked? Register it?";
    home_pause = "停租", "Pause letting";
    home_pause_ask = "这处房屋暂时不租了？以后可以恢复。", "Not let for the time being? You can resume later.";
    home_resume = "恢复出租", "Let again";
    home_close = "注销房屋", "Close this home";
    home_close_ask = "这处房屋不再出租，选一个原因。住户要先办理搬走或离开。", "This home is not let any more; choose why. Residents have to move or leave first.";
    home_close_reason = "注销原因", "Why";
    home_mistake = "登记错了，撤销", "Entered by mistake: take back";
    home_mistake_ask = "撤销这处房屋？里面的房间和住户登记会一起撤销，历史仍然保留。", "Take this home back? Its rooms and residents go with it; the history is kept.";
    home_state_changed = "状态已更新", "The state was changed";
    home_undone = "已撤销", "Taken back";
    home_reports = "这处房屋的报送", "Reports about this home";

    field_area = "村社区", "Village";
    field_natural_group = "自然村、组", "Hamlet or group";
    field_road = "路、街、巷", "Road";
    field_compound = "小区", "Compound";
    field_plate_no = "门牌号", "Plate";
    field_building = "幢", "Building";
    field_unit_no = "单元", "Entrance";
    field_floor = "楼层", "Floor";
    field_note = "备注", "Note";
    field_address_note_hint = "怎么找到门，例如河边第二家", "How to find the door";
    field_landlord_name = "房东姓名", "Landlord's name";
    field_landlord_phone = "房东电话", "Landlord's phone";
    field_landlord_on_site = "房东也住在这里", "The landlord lives here too";
    homes_order = "排序和筛选", "Order and filter";
    homes_in_order = "按地址", "By address";
    homes_by_round = "按走访日期", "By visit date";
    homes_none_so = "没有这样的房屋", "No home like that";
    field_usage = "用途", "Use";
    field_mode = "出租方式", "How it is let";
    field_tenure = "房屋性质", "Tenure";
    field_area_m2 = "面积（平方米）", "Square metres";
    field_beds = "床位数", "Beds";
    field_rooms = "房间", "Rooms";
    field_rooms_hint = "例如 1-12,15-16,18", "For example 1-12,15-16,18";
    field_rooms_kept = "已有的房间会保留", "Rooms that exist stay";
    field_letter_signed = "已签治安责任书", "The letter of responsibility is signed";
    field_letter_signed_on = "签订日期", "Signed on";
    field_letter_valid_to = "有效期至", "Valid to";
    section_address = "地址", "Address";
    section_landlord = "房东", "Landlord";
    section_letting = "出租情况", "Letting";
    section_letter = "治安责任书", "Letter of responsibility";
    section_address_more = "更多地址信息（选填）", "More of the address (optional)";
    section_letting_more = "更多出租信息（选填）", "More about the letting (optional)";
    address_preview = "地址写作", "Written as";
}

impl Words {
    /// How many people live in a home.
    pub fn people_count(self, people: u64) -> String {
        self.pick(format!("{people} 人"), if people == 1 { "1 person".to_owned() } else { format!("{people} people") })
    }

    /// What the rooms typed become.
    pub fn rooms_become(self, count: usize) -> String {
        self.pick(format!("共 {count} 间"), format!("{count} rooms"))
    }

    /// A room's name.
    pub fn room(self, label: &str) -> String {
        self.pick(format!("{label} 室"), format!("Room {label}"))
    }

    /// Since when somebody is there.
    pub fn since(self, day: &str) -> String {
        self.pick(format!("{day} 入住"), format!("since {day}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn sentences_with_numbers_are_said() {
        for words in BOTH {
            assert_spoken(words, &words.people_count(1), "one");
            assert_spoken(words, &words.people_count(3), "three");
            assert_spoken(words, &words.rooms_become(12), "rooms");
            assert_spoken(words, &words.room("101"), "a room");
            assert_spoken(words, &words.since(&words.day("2026-11-23", "2026-11-23")), "since");
        }
    }
}
