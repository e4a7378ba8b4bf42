// Starts the screens. A file of its own, because the content-security policy allows no script inside a page; a module,
// because only browsers that passed check.js get here.
const bundle = document.documentElement.dataset.bundle;
try {
  const { default: init } = await import(`./${bundle}.js`);
  await init({ module_or_path: `${bundle}_bg.wasm` });
} catch (error) {
  console.error('the screens did not start', error);
  window.doorstepSay('程序没有启动。已保存的数据不受影响。', 'The program did not start. What you saved is safe.', true);
}
