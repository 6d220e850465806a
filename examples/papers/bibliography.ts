// The literature of the locally connected layer, for people who write about it: what each work found, in a line.

export interface Work {
  readonly authors: string
  readonly year: number
  readonly title: string
  /** The journal, conference or publisher. */
  readonly venue: string
  readonly url?: string
  readonly found: string
}

export const bibliography = {
  lecun1989strategies: {
    authors: 'LeCun, Y.',
    year: 1989,
    title: 'Generalization and network design strategies',
    venue: 'Technical report CRG-TR-89-4, University of Toronto',
    url: 'https://mailman.srv.cs.cmu.edu/pipermail/connectionists/1989-September/011859.html',
    found:
      'Five nets for the same task, from dense to locally connected to shared kernels: with fewer free weights, they generalize better.',
  },
  lecun1989zip: {
    authors: 'LeCun, Y., Boser, B., Denker, J. S., Henderson, D., Howard, R. E., Hubbard, W. and Jackel, L. D.',
    year: 1989,
    title: 'Backpropagation applied to handwritten zip code recognition',
    venue: 'Neural Computation 1:541–551',
    found:
      'Shared kernels with a bias for each unit and a table of connections: 9,760 parameters, 5.0 % errors on 2,007 zip code digits.',
  },
  karpathy2022: {
    authors: 'Karpathy, A.',
    year: 2022,
    title: 'Deep neural nets: 33 years ago and 33 years from now',
    venue: 'Code of a reproduction of the zip code net',
    url: 'https://github.com/karpathy/lecun1989-repro',
    found: 'The zip code net again, on MNIST digits of 16 × 16 pixels: 4.09 % errors.',
  },
  hastie2009: {
    authors: 'Hastie, T., Tibshirani, R. and Friedman, J.',
    year: 2009,
    title: 'The Elements of Statistical Learning, 2nd edition, section 11.7',
    venue: 'Springer',
    found: 'Prints the links, weights and test results of the five nets of 1989.',
  },
  le2010: {
    authors: 'Le, Q. V., Ngiam, J., Chen, Z., Chia, D., Koh, P. W. and Ng, A. Y.',
    year: 2010,
    title: 'Tiled convolutional neural networks',
    venue: 'NIPS 2010',
    found: 'Between sharing and not sharing: units k steps apart have the same weights; k = 1 is a convolution.',
  },
  saxe2011: {
    authors: 'Saxe, A. M., Koh, P. W., Chen, Z., Bhand, M., Suresh, B. and Ng, A. Y.',
    year: 2011,
    title: 'On random weights and unsupervised feature learning',
    venue: 'ICML 2011',
    found: 'Random convolutional features with pooling do nearly as well as trained ones.',
  },
  taigman2014: {
    authors: 'Taigman, Y., Yang, M., Ranzato, M. and Wolf, L.',
    year: 2014,
    title: 'DeepFace: closing the gap to human-level performance in face verification',
    venue: 'CVPR 2014',
    found: 'On aligned faces, three locally connected layers have most of the weights.',
  },
  chen2015: {
    authors: 'Chen, Y.-H., Lopez-Moreno, I., Sainath, T. N., Visontai, M., Alvarez, R. and Parada, C.',
    year: 2015,
    title: 'Locally-connected and convolutional neural networks for small footprint speaker recognition',
    venue: 'Interspeech 2015',
    found:
      'Both cut a dense net to 30 % of its size; at equal size, the error is 8 % (local) and 10 % (convolution) lower, relatively.',
  },
  bartunov2018: {
    authors: 'Bartunov, S., Santoro, A., Richards, B. A., Marris, L., Hinton, G. E. and Lillicrap, T. P.',
    year: 2018,
    title: 'Assessing the scalability of biologically-motivated deep learning algorithms and architectures',
    venue: 'NeurIPS 2018',
    found:
      'Learning rules without weight transport, with locally connected nets since the brain does not share weights: they work on MNIST and fail on ImageNet.',
  },
  xiao2019: {
    authors: 'Xiao, W., Chen, H., Liao, Q. and Poggio, T.',
    year: 2019,
    title: 'Biologically-plausible learning algorithms can scale to large datasets',
    venue: 'ICLR 2019, arXiv:1811.03567',
    url: 'https://arxiv.org/abs/1811.03567',
    found: 'Feedback with the signs of the weights, not their sizes, comes near to backpropagation on ImageNet.',
  },
  amit2019: {
    authors: 'Amit, Y.',
    year: 2019,
    title: 'Deep learning with asymmetric connections and Hebbian updates',
    venue: 'Frontiers in Computational Neuroscience 13:18',
    url: 'https://www.frontiersin.org/articles/10.3389/fncom.2019.00018/full',
    found: 'Locally connected layers whose feedback weights are learned too come near to backpropagation.',
  },
  novak2019: {
    authors:
      'Novak, R., Xiao, L., Lee, J., Bahri, Y., Yang, G., Hron, J., Abolafia, D. A., Pennington, J. and Sohl-Dickstein, J.',
    year: 2019,
    title: 'Bayesian deep convolutional networks with many channels are Gaussian processes',
    venue: 'ICLR 2019, arXiv:1810.05148',
    url: 'https://arxiv.org/abs/1810.05148',
    found: 'Without pooling, infinitely wide nets with and without shared weights are the same Gaussian process.',
  },
  dascoli2019: {
    authors: "d'Ascoli, S., Sagun, L., Biroli, G. and Bruna, J.",
    year: 2019,
    title: 'Finding the needle in the haystack with convolutions: on the benefits of architectural bias',
    venue: 'NeurIPS 2019',
    url: 'https://github.com/sdascoli/anarchitectural-search',
    found:
      'A convolutional net, converted in the middle of its training to one without sharing, ends better than one that never shared, and sometimes better than the convolution.',
  },
  elsayed2020: {
    authors: 'Elsayed, G. F., Ramachandran, P., Shlens, J. and Kornblith, S.',
    year: 2020,
    title: 'Revisiting spatial invariance with low-rank local connectivity',
    venue: 'ICML 2020, arXiv:2002.02959',
    url: 'https://arxiv.org/abs/2002.02959',
    found:
      'Kernels that are sums of a few shared ones, weighted by position, do better than convolutions and local layers.',
  },
  neyshabur2020: {
    authors: 'Neyshabur, B.',
    year: 2020,
    title: 'Towards learning convolutions from scratch',
    venue: 'NeurIPS 2020',
    found: 'A dense net with a strong sparse penalty (β-LASSO) learns local weights by itself.',
  },
  ott2020: {
    authors: 'Ott, J., Linstead, E., LaHaye, N. and Baldi, P.',
    year: 2020,
    title: 'Learning in the machine: to share or not to share?',
    venue: 'Neural Networks',
    found:
      'With shifted training images, nets without weight sharing learn nearly the same invariance, and their kernels become similar.',
  },
  pook2020: {
    authors: 'Pook, T., Freudenthal, J., Korte, A. and Simianer, H.',
    year: 2020,
    title: 'Using local convolutional neural networks for genomic prediction',
    venue: 'Frontiers in Genetics',
    found:
      'On 10,000 simulated plants, filters for each region of the genome predict traits better than shared filters.',
  },
  greydanus2020: {
    authors: 'Greydanus, S. and Kobak, D.',
    year: 2020,
    title: 'Scaling down deep learning with MNIST-1D',
    venue: 'arXiv:2011.14439',
    url: 'https://arxiv.org/abs/2011.14439',
    found:
      'A data set of 5,000 short signals on which logistic regression, dense and convolutional nets differ clearly.',
  },
  pogodin2021: {
    authors: 'Pogodin, R., Mehta, Y., Lillicrap, T. P. and Latham, P. E.',
    year: 2021,
    title: 'Towards biologically plausible convolutional networks',
    venue: 'NeurIPS 2021',
    url: 'https://github.com/romanpogodin/towards-bio-plausible-conv',
    found:
      'Locally connected nets whose kernels are averaged now and then become nearly convolutional, and nearly as good.',
  },
  malach2021: {
    authors: 'Malach, E. and Shalev-Shwartz, S.',
    year: 2021,
    title: 'Computational separation between convolutional and fully-connected networks',
    venue: 'ICLR 2021',
    found: 'There are tasks that gradient descent learns with a convolutional net and not with a dense one.',
  },
  li2021: {
    authors: 'Li, Z., Zhang, Y. and Arora, S.',
    year: 2021,
    title: 'Why are convolutional nets more sample-efficient than fully-connected nets?',
    venue: 'ICLR 2021',
    found: 'There are tasks for which a dense net needs more samples than a convolutional one, by proof.',
  },
  wang2023: {
    authors: 'Wang, Z. and Wu, L.',
    year: 2023,
    title: 'Theoretical analysis of inductive biases in deep convolutional networks',
    venue: 'arXiv:2305.08404',
    url: 'https://arxiv.org/abs/2305.08404',
    found:
      'For sparse functions, a convolutional net needs of order log² d samples, a locally connected one at least d.',
  },
  lahoti2024: {
    authors: 'Lahoti, A., Karp, S., Winston, E., Singh, A. and Li, Y.',
    year: 2024,
    title:
      'Role of locality and weight sharing in image-based tasks: a sample complexity separation between CNNs, LCNs, and FCNs',
    venue: 'ICLR 2024, arXiv:2403.15707',
    url: 'https://arxiv.org/abs/2403.15707',
    found:
      'For a signal in one of k patches of d numbers, dense nets need at least of order k² d samples; k (k + d) suffice for local ones, and k + d for shared kernels.',
  },
  lu2025: {
    authors: 'Lu, Z., Doerig, A., Bosch, V., Krahmer, B., Kaiser, D., Cichy, R. M. and Kietzmann, T. C.',
    year: 2025,
    title: 'End-to-end topographic networks as models of cortical map formation and human visual behaviour',
    venue: 'Nature Human Behaviour 9:1975–1991, arXiv:2308.09431',
    url: 'https://arxiv.org/abs/2308.09431',
    found:
      'Locally connected layers with a penalty on differences between neighbours form smooth maps as in the cortex, and lose some accuracy.',
  },
} as const satisfies Readonly<Record<string, Work>>

export type Key = keyof typeof bibliography
