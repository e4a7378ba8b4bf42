//! The thirty items of the safety check of a rental home: what each asks, how grave a failure is, and whether a picture of the
//! object helps. About the home, never about who lives in it.

use crate::codes::codes;

codes! {
    /// What is looked at, in the order of a walk through the house.
    Item {
        Jz01 = "JZ01", "房屋合法，不是危房", "The building is lawful and not dangerous";
        Jz02 = "JZ02", "厨卫、阳台、过道、地下室、车库没有单独租给人住", "No kitchen, balcony, corridor, cellar or garage is let to live in";
        Jz03 = "JZ03", "没有乱隔断，隔墙烧不着", "No unlawful partitions; partition walls do not burn";
        Jz04 = "JZ04", "居室有对外的窗", "Living rooms have a window to the outside";
        Rs01 = "RS01", "每间人均使用面积够", "Enough usable area for each person, room by room";
        Rs02 = "RS02", "每间住的人数不超", "Not too many people in any room";
        Xf01 = "XF01", "通道、楼梯、出口畅通，没堆东西", "Ways out and stairs are clear";
        Xf02 = "XF02", "防盗窗留有能打开的逃生口", "Window bars have an opening to escape through";
        Xf03 = "XF03", "灭火器够数，压力正常", "Enough extinguishers, pressure in order";
        Xf04 = "XF04", "烟感报警器装了，试过会响", "Smoke detectors are fitted and were tested";
        Xf05 = "XF05", "备有逃生面罩、哨子、手电、绳子或软梯", "Masks, whistle, torch, rope or ladder are at hand";
        Xf06 = "XF06", "应急灯、疏散指示（规模出租）", "Emergency light and exit signs (large lettings)";
        Xf07 = "XF07", "和生产、仓库、店面隔开，同楼没有易燃易爆品", "Separated from workshop, store and shop; nothing explosive in the building";
        Xf08 = "XF08", "没有用可燃彩钢板住人或隔断", "Nobody sleeps behind panels that burn";
        Dq01 = "DQ01", "没有乱拉电线，线穿管、不裸露", "No makeshift wiring; cables in pipes, none bare";
        Dq02 = "DQ02", "漏电保护和空气开关齐全", "Earth-leakage and circuit breakers are there";
        Dc01 = "DC01", "电动车没停在楼道、楼梯间、门厅、房间", "No electric bike stands in stairs, hall or rooms";
        Dc02 = "DC02", "电动车和电瓶不在屋里充，没有飞线", "No bike or battery is charged indoors or by a hanging cable";
        Dc03 = "DC03", "集中充电点：专线、会断电、有灭火器和监控", "Charging place: own circuit, switches off, extinguisher and camera";
        Rq01 = "RQ01", "燃气热水器不是直排，没装在卧室浴室，烟排到室外", "Gas heater with a flue to the outside, not in bedroom or bathroom";
        Rq02 = "RQ02", "煤气瓶合格、没过期，不放居室用", "Gas bottles are sound, in date, and not used in living rooms";
        Rq03 = "RQ03", "燃气软管没老化", "Gas hoses are not worn";
        Rq04 = "RQ04", "共用厨房装了燃气报警器", "The shared kitchen has a gas detector";
        Za01 = "ZA01", "办了出租登记", "The letting is registered";
        Za02 = "ZA02", "签了责任书", "The letter of responsibility is signed";
        Za03 = "ZA03", "租客登记簿齐全，和实际一致", "The tenants' register is complete and right";
        Za04 = "ZA04", "门锁、门禁、防盗设施完好", "Locks, entry system and bars are sound";
        Za05 = "ZA05", "日租、网约房按规定报送", "Daily and online lettings are reported";
        Za06 = "ZA06", "转租报过", "Sub-letting was reported";
        Qt01 = "QT01", "门牌、二维码牌完好，能扫", "Plate and QR plate are whole and can be scanned";
    }
}

codes! {
    /// The groups of the list, by the two letters their items begin with.
    Group {
        Building = "JZ", "房屋", "Building";
        Occupancy = "RS", "人数", "Occupancy";
        Fire = "XF", "消防", "Fire";
        Wiring = "DQ", "用电", "Electricity";
        ElectricBikes = "DC", "电动车", "Electric bikes";
        Gas = "RQ", "燃气", "Gas";
        Order = "ZA", "治安", "Order";
        Other = "QT", "其他", "Other";
    }
}

codes! {
    /// What was found about an item. An item without an answer was not checked.
    Answer {
        Pass = "pass", "合格", "In order";
        Fail = "fail", "不合格", "Not in order";
        NotApplicable = "not_applicable", "不涉及", "Does not apply";
        NotChecked = "not_checked", "没查", "Not checked";
    }
}

impl Item {
    /// Its group.
    pub fn group(self) -> Group {
        Group::ALL.iter().copied().find(|group| self.code().starts_with(group.code())).expect("every item begins with its group")
    }

    /// 3: act at once and hand over, 2: mend within the deadline, 1: advice.
    pub fn severity(self) -> u8 {
        use Item::*;
        match self {
            Jz01 | Jz02 | Xf01 | Xf02 | Xf07 | Xf08 | Dc01 | Dc02 | Rq01 | Rq02 => 3,
            Xf05 | Za04 | Za06 | Qt01 => 1,
            _ => 2,
        }
    }

    /// Whether a picture of the object (never of people) helps whoever mends it.
    pub fn photo_helps(self) -> bool {
        use Item::*;
        matches!(self, Jz02 | Jz03 | Xf01 | Xf02 | Xf03 | Xf07 | Xf08 | Dq01 | Dc01 | Dc02 | Dc03 | Rq01 | Rq02)
    }

    /// Whether its answer is computed from rooms and people, and not tapped.
    pub fn is_computed(self) -> bool {
        self.group() == Group::Occupancy
    }
}

impl Group {
    /// Its items, in order.
    pub fn items(self) -> impl Iterator<Item = Item> {
        Item::ALL.iter().copied().filter(move |item| item.group() == self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_thirty_items_in_eight_groups() {
        assert_eq!(Item::ALL.len(), 30);
        let counts: Vec<(&str, usize)> = Group::ALL.iter().map(|group| (group.code(), group.items().count())).collect();
        let expected = [("JZ", 4), ("RS", 2), ("XF", 8), ("DQ", 2), ("DC", 3), ("RQ", 4), ("ZA", 6), ("QT", 1)];
        assert_eq!(counts, expected);
        let grave: Vec<&str> = Item::ALL.iter().filter(|item| item.severity() == 3).map(Item::code).collect();
        assert_eq!(grave, ["JZ01", "JZ02", "XF01", "XF02", "XF07", "XF08", "DC01", "DC02", "RQ01", "RQ02"]);
        let advice: Vec<&str> = Item::ALL.iter().filter(|item| item.severity() == 1).map(Item::code).collect();
        assert_eq!(advice, ["XF05", "ZA04", "ZA06", "QT01"]);
        let computed: Vec<&str> = Item::ALL.iter().filter(|item| item.is_computed()).map(Item::code).collect();
        assert_eq!(computed, ["RS01", "RS02"]);
        for item in Item::ALL {
            assert_eq!(Item::from_code(item.code()), Some(*item), "a code is read back");
        }
    }
}
