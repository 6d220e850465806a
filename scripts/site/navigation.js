// The order of the site: sections, their pages, and what a reader who doesn't know their names yet may search for. A page
// is a Markdown file of docs/ by its name; `index` is README.md. Titles and descriptions are those of the navigation and
// of the search; the text is the page's own.

export const languages = [
  { code: 'en', folder: '', name: 'English' },
  { code: 'zh-CN', folder: 'zh-CN/', name: '简体中文' },
  { code: 'zh-TW', folder: 'zh-TW/', name: '繁體中文' },
]

/** The words of the page around the text. */
export const words = {
  en: {
    search: 'Search',
    searching: 'Search the documentation',
    nothing: 'Nothing found. Try another word.',
    results: 'results',
    onThisPage: 'On this page',
    menu: 'Menu',
    skip: 'Skip to the text',
    theme: 'Colours',
    themes: { auto: 'as the system', light: 'light', dark: 'dark' },
    language: 'Language',
    previous: 'Before',
    next: 'Next',
    english: '',
    run: 'Run',
    stop: 'Stop',
    reset: 'Undo changes',
    edit: 'Code of this step; you can change it',
    prints: 'Prints',
    table: 'Table',
    code: 'Code',
    node: 'runs in Node',
    translated: '',
  },
  'zh-CN': {
    search: '搜索',
    searching: '搜索文档',
    nothing: '没有结果，请换一个词。',
    results: '个结果',
    onThisPage: '本页内容',
    menu: '目录',
    skip: '跳到正文',
    theme: '颜色',
    themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
    language: '语言',
    previous: '上一页',
    next: '下一页',
    english: '英文',
    run: '运行',
    stop: '停止',
    reset: '还原',
    edit: '这一步的代码，可以修改',
    prints: '输出',
    table: '表格',
    code: '代码',
    node: '在 Node 中运行',
    translated: '本页有简体中文版',
  },
  'zh-TW': {
    search: '搜尋',
    searching: '搜尋文件',
    nothing: '沒有結果，請換一個詞。',
    results: '個結果',
    onThisPage: '本頁內容',
    menu: '目錄',
    skip: '跳到正文',
    theme: '顏色',
    themes: { auto: '跟隨系統', light: '淺色', dark: '深色' },
    language: '語言',
    previous: '上一頁',
    next: '下一頁',
    english: '英文',
    run: '執行',
    stop: '停止',
    reset: '還原',
    edit: '這一步的程式碼，可以修改',
    prints: '輸出',
    table: '表格',
    code: '程式碼',
    node: '在 Node 中執行',
    translated: '本頁有繁體中文版',
  },
}

const page = (id, en, cn, tw, about) => ({ id, title: { en, 'zh-CN': cn, 'zh-TW': tw }, about })
const section = (en, cn, tw, pages) => ({ title: { en, 'zh-CN': cn, 'zh-TW': tw }, pages })

export const sections = [
  section('Start', '入门', '入門', [
    page('index', 'Overview', '概览', '概覽', {
      en: 'what unshared is, install, locally connected network library in TypeScript and JavaScript',
      'zh-CN': '这是什么 安装 局部连接网络 TypeScript 库',
      'zh-TW': '這是什麼 安裝 局部連接網路 TypeScript 函式庫',
    }),
    page('start', 'Start in five minutes', '五分钟入门', '五分鐘入門', {
      en: 'first model, getting started tutorial, fit evaluate predict, seeds and reproducible results',
      'zh-CN': '第一个模型 快速开始 教程 训练 评估 预测 随机种子 可重复',
      'zh-TW': '第一個模型 快速開始 教學 訓練 評估 預測 隨機種子 可重現',
    }),
    page('playground', 'The playground', '演示页', '示範頁', {
      en: 'demo, visualize training in the browser, draw a digit, teaching page',
      'zh-CN': '演示 可视化 浏览器 手写数字 教学',
      'zh-TW': '示範 視覺化 瀏覽器 手寫數字 教學',
    }),
  ]),
  section('The layer', '层', '層', [
    page('layer', 'The layer by hand', '手算这一层', '手算這一層', {
      en: 'what is a locally connected layer, formula, derivation, forward and backward, how many weights or parameters, padding, implementation, difference between locally connected and convolution',
      'zh-CN': '公式 推导 前向 反向传播 权重数量 填充 实现 局部连接层和卷积的区别',
      'zh-TW': '公式 推導 前向 反向傳播 權重數量 填充 實作 局部連接層和卷積的區別',
    }),
    page('gradients', 'Gradients', '梯度检查', '梯度檢查', {
      en: 'check gradients numerically, finite differences, is my backward pass right',
      'zh-CN': '梯度检查 数值梯度 有限差分 反向传播是否正确',
      'zh-TW': '梯度檢查 數值梯度 有限差分 反向傳播是否正確',
    }),
  ]),
  section('Guides', '指南', '指南', [
    page('training', 'Training', '训练', '訓練', {
      en: 'losses, metrics, optimizers, learning rate schedules, compile, class weights',
      'zh-CN': '损失函数 指标 优化器 学习率 训练 编译 类别权重',
      'zh-TW': '損失函數 指標 最佳化器 學習率 訓練 編譯 類別權重',
    }),
    page('callbacks', 'Callbacks', '回调', '回呼', {
      en: 'early stopping, checkpoints, progress bar, resume training after a crash, save the best model',
      'zh-CN': '回调 提前停止 早停 检查点 断点续训 保存最好的模型 进度条 学习率衰减',
      'zh-TW': '回呼 提前停止 檢查點 中斷後繼續訓練 儲存最好的模型 進度條 學習率衰減',
    }),
    page('data', 'Data', '数据', '資料', {
      en: 'images, augmentation, crop, resize, normalize, one-hot, split into training and test, generators, ndarray',
      'zh-CN': '数据 图像 预处理 数据增强 裁剪 缩放 标准化 独热编码 划分训练集和测试集 批次 生成器',
      'zh-TW': '資料 影像 前處理 資料增強 裁切 縮放 標準化 獨熱編碼 分割訓練集和測試集 批次 產生器',
    }),
    page('graphs', 'Models with branches', '分支模型', '分支模型', {
      en: 'several inputs and outputs, functional API, shared layers, siamese network, GAN, transfer learning, freeze layers, draw a model',
      'zh-CN': '多输入多输出 函数式 共享层 孪生网络 生成对抗网络 迁移学习 冻结层 画出模型',
      'zh-TW': '多輸入多輸出 函數式 共享層 孿生網路 生成對抗網路 遷移學習 凍結層 畫出模型',
    }),
    page('keras-files', 'Model files', '模型文件', '模型檔案', {
      en: 'load and save Keras h5 and .keras models, TensorFlow.js model.json, safetensors, custom objects',
      'zh-CN': '加载 读取 保存 导出 模型文件 h5 keras safetensors TensorFlow.js 自定义对象',
      'zh-TW': '載入 讀取 儲存 匯出 模型檔案 h5 keras safetensors TensorFlow.js 自訂物件',
    }),
    page('onnx', 'ONNX', 'ONNX', 'ONNX', {
      en: 'export to ONNX, onnxruntime, deploy on server and phone',
      'zh-CN': '导出 ONNX 部署 onnxruntime',
      'zh-TW': '匯出 ONNX 部署 onnxruntime',
    }),
    page('command-line', 'Command line', '命令行', '命令列', {
      en: 'command line tool, terminal, inspect and convert a model file',
      'zh-CN': '命令行 终端 查看 转换 模型',
      'zh-TW': '命令列 終端機 檢視 轉換 模型',
    }),
    page('security', 'Files of strangers', '陌生文件的安全', '陌生檔案的安全', {
      en: 'untrusted model files, limits, timeouts, security of uploads',
      'zh-CN': '安全 不可信的模型文件 上传 限制 超时',
      'zh-TW': '安全 不可信的模型檔案 上傳 限制 逾時',
    }),
    page('engines', 'Engines', '引擎', '引擎', {
      en: 'speed, threads, WebAssembly SIMD, memory, faster training, content security policy',
      'zh-CN': '引擎 速度 多线程 WebAssembly SIMD 内存 加速',
      'zh-TW': '引擎 速度 多執行緒 WebAssembly SIMD 記憶體 加速',
    }),
    page('bundles', 'Bundlers and runtimes', '打包与运行环境', '打包與執行環境', {
      en: 'Bun, Deno, bundle size, unshared/core, tree shaking, CDN, script in a page, esbuild, vite',
      'zh-CN': '打包 体积 CDN 浏览器 脚本',
      'zh-TW': '打包 體積 CDN 瀏覽器 腳本',
    }),
    page('workers', 'Workers', '工作线程', '工作執行緒', {
      en: 'train in a web worker, worker_threads, postMessage, keep the page responsive',
      'zh-CN': '工作线程 后台训练 页面不卡 postMessage',
      'zh-TW': '工作執行緒 背景訓練 頁面不卡 postMessage',
    }),
    page('own-layer', 'A layer of your own', '自己写一层', '自己寫一層', {
      en: 'write a custom layer, extend Layer, forwardInto, backwardInto, weightsFor',
      'zh-CN': '自定义层 自己写层 继承 Layer',
      'zh-TW': '自訂層 自己寫層 繼承 Layer',
    }),
    page('checking-layers', 'Checking other people’s layers', '检查别人的层', '檢查別人的層', {
      en: 'grade a student implementation, check PyTorch or NumPy locally connected code',
      'zh-CN': '检查学生的实现 PyTorch NumPy 批改',
      'zh-TW': '檢查學生的實作 PyTorch NumPy 批改',
    }),
    page('outgrowing', 'Outgrowing', '更大的规模', '更大的規模', {
      en: 'several machines, GPU, distributed training, move to TensorFlow',
      'zh-CN': '多台机器 GPU 分布式训练 迁移到 TensorFlow',
      'zh-TW': '多台機器 GPU 分散式訓練 移到 TensorFlow',
    }),
  ]),
  section('Research', '研究', '研究', [
    page('research', 'Layers of research', '论文中的层', '論文中的層', {
      en: 'low rank, tiled, 3D, weight sharing, feedback alignment, patch initializers',
      'zh-CN': '低秩 平铺 三维 权重共享 反馈对齐 论文 初始化',
      'zh-TW': '低秩 平鋪 三維 權重共享 回饋對齊 論文 初始化',
    }),
    page('papers', 'Papers, repeated', '重做论文', '重做論文', {
      en: 'LeCun 1989, MNIST-1D, zip code net, does locality help, bibliography',
      'zh-CN': '论文 复现 LeCun 1989 文献',
      'zh-TW': '論文 重現 LeCun 1989 文獻',
    }),
    page('benchmarks', 'Benchmarks', '基准测试', '效能測試', {
      en: 'how fast, comparison with TensorFlow.js, tf-keras, JAX and PyTorch',
      'zh-CN': '基准测试 速度 比较 TensorFlow.js JAX PyTorch 快',
      'zh-TW': '效能測試 速度 比較 TensorFlow.js JAX PyTorch 快',
    }),
  ]),
  section('Reference', '参考', '參考', [
    page('keras-compatibility', 'Compatibility with Keras', '与 Keras 的兼容性', '與 Keras 的相容性', {
      en: 'which Keras arguments, layers, losses are supported or missing; differences from Keras',
      'zh-CN': 'Keras 兼容性 支持哪些参数 区别 缺少',
      'zh-TW': 'Keras 相容性 支援哪些參數 區別 缺少',
    }),
    page('reference/index', 'API reference', 'API 参考', 'API 參考', {
      en: 'all classes, functions, options and types',
      'zh-CN': 'API 参考 所有类 函数 选项',
      'zh-TW': 'API 參考 所有類別 函式 選項',
    }),
    page('contributing', 'Contributing', '参与开发', '參與開發', {
      en: 'tests, source tree, how the library is built, architecture',
      'zh-CN': '开发 测试 源代码结构',
      'zh-TW': '開發 測試 原始碼結構',
    }),
    page('changelog', 'Changes', '更新记录', '更新記錄', {
      en: 'versions, what is new',
      'zh-CN': '版本 更新',
      'zh-TW': '版本 更新',
    }),
  ]),
]

/** Where the pages that aren't in docs/ come from. */
export const elsewhere = { index: 'README', contributing: 'CONTRIBUTING', changelog: 'CHANGELOG' }

/** The classes whose options a page is about: an option that it names is one of theirs, if its paragraph doesn't say. */
export const topics = {
  start: ['FitOptions', 'CompileOptions', 'SequentialOptions'],
  training: ['FitOptions', 'CompileOptions'],
  layer: ['LocallyConnected2D'],
  gradients: ['checkGradients'],
  callbacks: ['MonitorOptions', 'FitOptions'],
  data: ['FitOptions'],
  engines: ['SequentialOptions', 'setEngineDefaults'],
  graphs: ['Model', 'CompileOptions', 'FitOptions'],
  'keras-files': ['loadModel', 'saveModel'],
  security: ['loadModel'],
  workers: ['SequentialOptions', 'FitOptions'],
}
