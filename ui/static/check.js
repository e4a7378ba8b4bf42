// The first script of every page, in the oldest JavaScript: decides whether this browser can run the screens, and says so
// in plain words when it cannot. The screens need WebAssembly with reference types (Chromium 96, Safari 15 or newer).
(function () {
  'use strict';

  // (module (func (result externref) ref.null extern)): valid only where reference types are known.
  var probe = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 111, 3, 2, 1, 0, 10, 6, 1, 4, 0, 208, 111, 11];

  function canRun() {
    try {
      return typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(probe)) && 'noModule' in document.createElement('script');
    } catch (error) {
      return false;
    }
  }

  function paragraph(parent, language, text) {
    var p = document.createElement('p');
    p.setAttribute('lang', language);
    p.appendChild(document.createTextNode(text));
    parent.appendChild(p);
  }

  // Also called by start.js when the program could not be fetched or started.
  window.doorstepSay = function (chinese, english, again) {
    var main = document.createElement('main');
    main.className = 'plain-page';
    main.setAttribute('role', 'alert');
    var title = document.createElement('h1');
    title.appendChild(document.createTextNode('登门 Doorstep'));
    main.appendChild(title);
    paragraph(main, 'zh-CN', chinese);
    paragraph(main, 'en', english);
    if (again) {
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'weui-btn weui-btn_primary';
      button.appendChild(document.createTextNode('再试一次 Try again'));
      button.onclick = function () { location.reload(); };
      main.appendChild(button);
    }
    document.body.innerHTML = '';
    document.body.appendChild(main);
  };

  if (canRun()) {
    var script = document.createElement('script');
    script.type = 'module';
    script.src = 'start.js';
    script.onerror = function () {
      window.doorstepSay('程序没有下载完整。已保存的数据不受影响。', 'The program did not load completely. What you saved is safe.', true);
    };
    document.head.appendChild(script);
  } else {
    window.doorstepSay(
      '这部手机的浏览器太旧，打不开登门。请更新系统的浏览器（Chrome 96 或 Safari 15 以上），或换一部手机。已保存的数据不受影响。',
      'This browser is too old for Doorstep. Please update it (Chrome 96 or Safari 15, or newer) or use another phone. What you saved is safe.',
      false
    );
  }
})();
