// What readers ask, in their words, and the page that answers: written before the search was tuned. A page of the
// reference counts where it answers as well as the guide.

export interface Question {
  readonly ask: string
  /** Pages, any of which answers. */
  readonly pages: readonly string[]
}

const q = (ask: string, ...pages: string[]): Question => ({ ask, pages: pages.map(page => `${page}.html`) })

export const english: readonly Question[] = [
  q('how do I install it', 'index', 'start'),
  q('train my first model', 'start', 'index'),
  q('what is a locally connected layer', 'layer', 'index', 'reference/locally-connected'),
  q('difference between convolution and locally connected', 'layer', 'playground', 'index'),
  q('how many parameters does LocallyConnected2D have', 'layer', 'reference/locally-connected'),
  q('stop training when validation loss stops improving', 'callbacks', 'reference/callbacks'),
  q('save the best model during training', 'callbacks', 'reference/node'),
  q('resume training after a crash', 'callbacks', 'reference/node'),
  q('reduce learning rate on plateau', 'callbacks', 'reference/callbacks'),
  q('progress bar', 'callbacks', 'reference/node'),
  q('load a keras h5 file', 'keras-files', 'reference/keras'),
  q('export model to tensorflow.js', 'keras-files', 'outgrowing'),
  q('safetensors', 'keras-files', 'reference/keras'),
  q('custom_objects lambda layer', 'keras-files', 'graphs', 'security', 'reference/keras'),
  q('is it safe to open a model uploaded by a user', 'security'),
  q('limit the size of uploaded files', 'security', 'reference/keras'),
  q('model with two inputs', 'graphs', 'reference/models'),
  q('multiple outputs with different losses', 'graphs', 'training'),
  q('share a layer between two models', 'graphs', 'engines', 'contributing'),
  q('freeze layers for transfer learning', 'graphs'),
  q('GAN example', 'graphs', 'index'),
  q('draw the model graph as svg', 'graphs', 'reference/plot'),
  q('one hot encode labels', 'data', 'reference/data'),
  q('split data into train and test set', 'data', 'reference/data'),
  q('data augmentation shift images', 'data', 'reference/data'),
  q('dataset larger than memory generator', 'data', 'reference/training'),
  q('normalize features mean and standard deviation', 'data', 'reference/data'),
  q('use multiple threads', 'engines', 'reference/engines'),
  q('content security policy wasm-unsafe-eval', 'engines', 'keras-files', 'data'),
  q('train in a web worker', 'workers'),
  q('keep the page responsive while training', 'workers', 'engines'),
  q('write a custom layer', 'own-layer', 'contributing', 'reference/layers'),
  q('check my gradients numerically', 'gradients', 'reference/tools'),
  q('which Keras losses are supported', 'keras-compatibility', 'training', 'reference/losses'),
  q('differences from keras', 'keras-compatibility', 'start', 'training'),
  q('is it faster than pytorch', 'benchmarks', 'engines', 'index'),
  q('distributed training on several machines', 'outgrowing'),
  q('LeCun 1989 results', 'papers', 'playground'),
  q('weight sharing tiled convolution', 'research', 'reference/research'),
  q('same results every run random seed', 'start', 'reference/models', 'training', 'data'),
]

export const chinese: readonly (Question & { readonly lang: 'zh-CN' | 'zh-TW' })[] = [
  { lang: 'zh-CN', ...q('怎么安装', 'zh-CN/index', 'zh-CN/start') },
  { lang: 'zh-CN', ...q('训练第一个模型', 'zh-CN/start', 'zh-CN/index') },
  { lang: 'zh-CN', ...q('局部连接层和卷积有什么区别', 'zh-CN/layer', 'zh-CN/index', 'zh-CN/playground') },
  { lang: 'zh-CN', ...q('局部连接层有多少权重', 'zh-CN/layer') },
  { lang: 'zh-CN', ...q('多输入模型', 'zh-CN/graphs') },
  { lang: 'zh-CN', ...q('怎么加载 h5 模型', 'zh-CN/keras-files') },
  { lang: 'zh-CN', ...q('两个模型共享一个层', 'zh-CN/graphs') },
  { lang: 'zh-CN', ...q('提前停止训练', 'callbacks', 'reference/callbacks', 'training') },
  { lang: 'zh-CN', ...q('如何检查梯度', 'gradients', 'zh-CN/layer') },
  { lang: 'zh-CN', ...q('在浏览器里手写一个数字', 'zh-CN/playground') },
  { lang: 'zh-TW', ...q('如何安裝', 'zh-TW/index', 'zh-TW/start') },
  { lang: 'zh-TW', ...q('隨機種子相同結果', 'zh-TW/start') },
  { lang: 'zh-TW', ...q('反向傳播公式', 'zh-TW/layer', 'gradients') },
  { lang: 'zh-TW', ...q('填充 same 的視窗從哪裡開始', 'zh-TW/layer') },
  { lang: 'zh-TW', ...q('凍結層 遷移學習', 'zh-TW/graphs') },
  { lang: 'zh-TW', ...q('儲存模型檔案', 'zh-TW/keras-files') },
  { lang: 'zh-TW', ...q('生成對抗網路', 'zh-TW/graphs') },
  { lang: 'zh-TW', ...q('資料增強', 'data', 'reference/data') },
  { lang: 'zh-TW', ...q('多執行緒加速', 'engines', 'reference/engines') },
  { lang: 'zh-TW', ...q('和 TensorFlow.js 比速度', 'benchmarks') },
]
